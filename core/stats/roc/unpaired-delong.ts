import { normalP, studentP, z95 } from "../distributions";
import { because, by, type Estimate, type Scored, type Tail, withoutInterval } from "../types";
import { auc } from "./auc";

export interface UnpairedDeLong {
  first: Estimate;
  second: Estimate;
  /** AUC of the first sample less AUC of the second; the interval is normal and not clipped. */
  difference: Estimate;
  standardError: number | null;
  statistic: number | null;
  /** Welch-Satterthwaite over the cases of both samples, pROC's choice. */
  df: number | null;
  /** From t and from the normal distribution. */
  pStudent: number | null;
  pNormal: number | null;
}

/**
 * Areas under the ROC curve of two independent samples: (AUC1 - AUC2) / sqrt(var1 + var2), DeLong's variances (DeLong ER et al. Biometrics
 * 1988;44:837-845). For scores of the same units use the paired test. A sample with fewer than two units of a class: no test.
 * @param options.tail `greater`: the first area exceeds the second
 * @example unpairedDeLong({ first: { truth: [0, 0, 1, 1], score: [1, 3, 2, 4], direction: "higher" }, second: { truth: [0, 1, 1, 0], score: [1, 2, 3, 2], direction: "higher" }, tail: "two-sided" }).difference.estimate // -0.125
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score is not finite
 */
export function unpairedDeLong(options: { first: Scored; second: Scored; tail: Tail }): UnpairedDeLong {
  const method = by("unpaired_delong");
  const [a, b] = [auc(options.first), auc(options.second)];
  const areas = { first: a.auc, second: b.auc };
  const about = { estimate: (a.auc.estimate ?? 0) - (b.auc.estimate ?? 0), method, n: a.auc.n + b.auc.n };
  if (a.variance === null || b.variance === null || a.variance + b.variance === 0) {
    const caution = because("difference_not_tested");
    const untested = { standardError: null, statistic: null, df: null, pStudent: null, pNormal: null };
    return { ...areas, difference: withoutInterval({ ...about, caution }), ...untested };
  }
  const standardError = Math.sqrt(a.variance + b.variance);
  const statistic = about.estimate / standardError;
  const df = (a.variance + b.variance) ** 2 / (a.variance ** 2 / (a.auc.n - 1) + b.variance ** 2 / (b.auc.n - 1));
  const half = z95 * standardError;
  return {
    ...areas,
    difference: { ...about, lower: about.estimate - half, upper: about.estimate + half },
    standardError,
    statistic,
    df,
    pStudent: studentP(statistic, df, options.tail),
    pNormal: normalP(statistic, options.tail),
  };
}
