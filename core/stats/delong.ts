import { normalTwoSidedP, z95 } from "./distributions";
import { sampleVariance, structuralComponents } from "./structural-components";
import { type Estimate, notEstimable } from "./types";

export interface PairedDeLong {
  first: number | null;
  second: number | null;
  /** AUC of the first less AUC of the second; the interval is not clipped. */
  difference: Estimate;
  standardError: number | null;
  z: number | null;
  /** Two-sided; null when the variance is 0 or not estimable. */
  p: number | null;
}

/**
 * Two correlated areas under the ROC curve on the same images: the paired DeLong test.
 *
 * z = (AUC1 - AUC2) / SE, variance from the differences of the structural components (DeLong ER et al. Biometrics 1988;44:837-845;
 * the contrast (1, -1)), so that identical scores give exactly 0. Assumes independent images. Fewer than two images in a
 * class: no variance. Variance 0 (identical rankings, both perfect): no test.
 * @throws StatsError when lengths differ, truth is not 0/1, or a score is not finite
 */
export function pairedDeLong(options: {
  truth: readonly number[];
  first: readonly number[];
  second: readonly number[];
  method?: string;
}): PairedDeLong {
  const { truth, first, second, method = "paired DeLong" } = options;
  const a = structuralComponents({ truth, score: first });
  const b = structuralComponents({ truth, score: second });
  const n = truth.length;
  const untested = { standardError: null, z: null, p: null };
  if (a.auc === null || b.auc === null) {
    const reason = `there is no ${a.positives.length === 0 ? "positive" : "negative"} image`;
    return { first: a.auc, second: b.auc, difference: notEstimable({ reason, method, n }), ...untested };
  }
  const estimate = a.auc - b.auc;
  if (a.positives.length < 2 || a.negatives.length < 2) {
    const caution = "the variance needs two images of each class";
    const difference = { estimate, lower: null, upper: null, method, n, caution };
    return { first: a.auc, second: b.auc, difference, ...untested };
  }
  const contrast = (x: Float64Array, y: Float64Array) =>
    sampleVariance(x.map((value, i) => value - (y[i] ?? 0))) / x.length;
  const standardError = Math.sqrt(contrast(a.positives, b.positives) + contrast(a.negatives, b.negatives));
  if (standardError === 0) {
    const caution = "the variance of the difference is 0: there is no test";
    const difference = { estimate, lower: null, upper: null, method, n, caution };
    return { first: a.auc, second: b.auc, difference, standardError, z: null, p: null };
  }
  const z = estimate / standardError;
  const half = z95 * standardError;
  return {
    first: a.auc,
    second: b.auc,
    difference: { estimate, lower: estimate - half, upper: estimate + half, method, n },
    standardError,
    z,
    p: normalTwoSidedP(z),
  };
}
