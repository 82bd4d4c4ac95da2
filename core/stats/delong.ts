import { twoSidedP, z95 } from "./distributions";
import { allBinary, allFinite, sameLength } from "./errors";
import { covariance, placements } from "./roc";
import { type Estimate, notEstimable } from "./types";

export interface PairedTest {
  difference: Estimate;
  /** Two-sided; null when not estimable. */
  p: number | null;
  z?: number;
}

/**
 * Difference of two AUCs on the same cases, first - second, with DeLong's paired variance, 95 % interval and two-sided P.
 *
 * Source: DeLong, DeLong, Clarke-Pearson, Biometrics 1988;44:837, eq. 5. Assumes independent cases.
 * Fewer than two of a class: not estimable. Difference without variance (identical scores, both perfect): estimate without interval, no P.
 */
export function pairedDeLong({
  truth,
  first,
  second,
}: {
  truth: ArrayLike<number>;
  first: ArrayLike<number>;
  second: ArrayLike<number>;
}): PairedTest {
  sameLength(truth, first);
  sameLength(truth, second);
  allBinary(truth, "truth");
  allFinite(first, "first");
  allFinite(second, "second");
  const n = truth.length;
  const method = "paired DeLong, images as independent";
  const a = placements({ truth, score: first });
  const b = placements({ truth, score: second });
  const [m, k] = [a.positives.length, a.negatives.length];
  if (m < 2 || k < 2) return { difference: notEstimable("fewer than two cases of a class", method, n), p: null };
  const estimate = a.auc - b.auc;
  const variance = (u: Float64Array, v: Float64Array, size: number) =>
    (covariance(u, u) + covariance(v, v) - 2 * covariance(u, v)) / size;
  const total = variance(a.positives, b.positives, m) + variance(a.negatives, b.negatives, k);
  if (total <= 1e-20)
    return { difference: { estimate, lower: null, upper: null, method: `${method}: variance 0`, n }, p: null };
  const error = Math.sqrt(total);
  const z = estimate / error;
  return {
    difference: { estimate, lower: estimate - z95 * error, upper: estimate + z95 * error, method, n },
    p: twoSidedP(z),
    z,
  };
}
