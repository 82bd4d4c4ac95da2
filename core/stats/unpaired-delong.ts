import { normalTwoSidedP, studentTwoSidedP, z95 } from "./distributions";
import { sampleVariance, structuralComponents } from "./structural-components";
import { type Estimate, notEstimable } from "./types";

export interface UnpairedDeLong {
  first: number | null;
  second: number | null;
  /** AUC of the first sample less AUC of the second; the interval is normal and not clipped. */
  difference: Estimate;
  standardError: number | null;
  statistic: number | null;
  /** Welch-Satterthwaite over the cases of both samples, pROC's choice. */
  df: number | null;
  /** Two-sided, from t and from the normal distribution. */
  pStudent: number | null;
  pNormal: number | null;
}

interface Sample {
  truth: readonly number[];
  score: readonly number[];
}

/**
 * Areas under the ROC curve of two independent samples: (AUC1 - AUC2) / sqrt(var1 + var2), DeLong's variances (DeLong ER et al. Biometrics
 * 1988;44:837-845). For scores of the same images use the paired test. A sample with fewer than two images of a class: no test.
 * @throws StatsError when lengths differ, truth is not 0/1, or a score is not finite
 */
export function unpairedDeLong(samples: { first: Sample; second: Sample }): UnpairedDeLong {
  const method = "unpaired DeLong";
  const [a, b] = [areaOf(samples.first), areaOf(samples.second)];
  const n = a.n + b.n;
  const areas = { first: a.auc, second: b.auc };
  const untested = { standardError: null, statistic: null, df: null, pStudent: null, pNormal: null };
  if (a.auc === null || b.auc === null) {
    const reason = `the ${a.auc === null ? "first" : "second"} sample lacks a class`;
    return { ...areas, difference: notEstimable({ reason, method, n }), ...untested };
  }
  const estimate = a.auc - b.auc;
  if (a.variance === null || b.variance === null || a.variance + b.variance === 0) {
    const caution = "the variance of the difference is 0 or not estimable: there is no test";
    return { ...areas, difference: { estimate, lower: null, upper: null, method, n, caution }, ...untested };
  }
  const standardError = Math.sqrt(a.variance + b.variance);
  const statistic = estimate / standardError;
  const df = (a.variance + b.variance) ** 2 / (a.variance ** 2 / (a.n - 1) + b.variance ** 2 / (b.n - 1));
  const half = z95 * standardError;
  return {
    ...areas,
    difference: { estimate, lower: estimate - half, upper: estimate + half, method, n },
    standardError,
    statistic,
    df,
    pStudent: studentTwoSidedP(statistic, df),
    pNormal: normalTwoSidedP(statistic),
  };
}

function areaOf(sample: Sample) {
  const { auc, positives, negatives } = structuralComponents(sample);
  const variance =
    positives.length < 2 || negatives.length < 2
      ? null
      : sampleVariance(positives) / positives.length + sampleVariance(negatives) / negatives.length;
  return { auc, variance, n: sample.truth.length };
}
