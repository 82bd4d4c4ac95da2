import type { Said } from "../../words";
import { normalP, z95 } from "../distributions";
import { because, by, type Estimate, type PairedScores, type Tail, withoutInterval } from "../types";
import { sampleCovariance, sampleVariance, structuralComponents } from "./structural-components";

export interface PairedDeLong {
  first: number;
  second: number;
  /** DeLong's variances and covariance of the two areas; null with fewer than two units of a class. */
  firstVariance: number | null;
  secondVariance: number | null;
  covariance: number | null;
  /** AUC of the first less AUC of the second; the interval is not clipped. */
  difference: Estimate;
  standardError: number | null;
  z: number | null;
  /** Null when the variance is 0 or not estimable. */
  p: number | null;
}

/**
 * Two correlated areas under the ROC curve on the same units: the paired DeLong test.
 *
 * z = (AUC1 - AUC2) / SE, variance from the differences of the structural components (DeLong ER et al. Biometrics 1988;44:837-845;
 * the contrast (1, -1)), so that identical scores give exactly 0. Assumes independent units. Fewer than two units in a
 * class: no variance. Variance 0 (identical rankings, both perfect): no test.
 * @param options.tail `greater`: the first area exceeds the second
 * @example pairedDeLong({ truth: [0, 0, 1, 1], first: [1, 2, 3, 4], second: [1, 3, 2, 4], direction: "higher", tail: "two-sided" }).difference.estimate // 0.25
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score is not finite
 */
export function pairedDeLong(options: PairedScores & { tail: Tail; method?: Said }): PairedDeLong {
  const { truth, first, second, direction, tail, method = by("paired_delong") } = options;
  const a = structuralComponents({ truth, score: first, direction, name: "first" });
  const b = structuralComponents({ truth, score: second, direction, name: "second" });
  const [m, n] = [a.positives.length, a.negatives.length];
  const areas = { first: a.auc, second: b.auc };
  const about = { estimate: a.auc - b.auc, method, n: m + n };
  if (m < 2 || n < 2) {
    const difference = withoutInterval({ ...about, caution: because("two_units_a_class") });
    const none = { firstVariance: null, secondVariance: null, covariance: null };
    return { ...areas, ...none, difference, standardError: null, z: null, p: null };
  }
  const covarianceOf = (x: typeof a, y: typeof a) =>
    sampleCovariance(x.positives, y.positives) / m + sampleCovariance(x.negatives, y.negatives) / n;
  const variances = {
    firstVariance: covarianceOf(a, a),
    secondVariance: covarianceOf(b, b),
    covariance: covarianceOf(a, b),
  };
  const contrast = (x: Float64Array, y: Float64Array) =>
    sampleVariance(x.map((value, i) => value - (y[i] ?? 0))) / x.length;
  const standardError = Math.sqrt(contrast(a.positives, b.positives) + contrast(a.negatives, b.negatives));
  if (standardError === 0) {
    const difference = withoutInterval({ ...about, caution: because("difference_no_test") });
    return { ...areas, ...variances, difference, standardError, z: null, p: null };
  }
  const half = z95 * standardError;
  const difference = { ...about, lower: about.estimate - half, upper: about.estimate + half };
  const z = about.estimate / standardError;
  return { ...areas, ...variances, difference, standardError, z, p: normalP(z, tail) };
}
