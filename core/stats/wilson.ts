import { z95 } from "./distributions";
import { count } from "./errors";
import { type Estimate, notEstimable } from "./types";

/** Limits of the Wilson interval for x of n, without continuity correction. */
export function wilsonLimits(x: number, n: number): { lower: number; upper: number } {
  const z2 = z95 * z95;
  const p = x / n;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z95 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return { lower: x === 0 ? 0 : Math.max(0, centre - half), upper: x === n ? 1 : Math.min(1, centre + half) };
}

/**
 * A proportion with its 95 % Wilson score interval.
 *
 * Formula: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).
 * Source: Wilson EB, JASA 1927;22:209; recommended by Brown, Cai, DasGupta, Stat Sci 2001;16:101.
 * Assumes independent cases: several images of one patient make it too narrow.
 * n = 0: not estimable. x = 0 or n: one limit is exactly 0 or 1.
 * @example wilson(174, 318).estimate // 0.547
 */
export function wilson(x: number, n: number): Estimate {
  count(x, "x");
  count(n, "n");
  const method = "Wilson, images as independent";
  if (n === 0) return notEstimable("no case in the denominator", method, 0);
  return { estimate: x / n, ...wilsonLimits(x, n), method, n };
}
