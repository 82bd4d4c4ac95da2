import { type Estimate, notEstimable } from "./types";
import { wilsonLimits } from "./wilson";

/**
 * Difference of two paired proportions with Newcombe's interval: Wilson limits of both, joined by the correlation phi.
 *
 * Newcombe RG. Stat Med 1998;17:2635-2650, method 10: phi with the numerator ad - bc - n/2 when that is positive, 0 when ad - bc lies
 * between 0 and n/2, ad - bc when negative. Assumes independent pairs. No pair at all is not estimable.
 */
export function newcombePaired(options: {
  both: number;
  firstOnly: number;
  secondOnly: number;
  neither: number;
  method?: string;
}): Estimate {
  const { both, firstOnly, secondOnly, neither, method = "Newcombe, paired (method 10)" } = options;
  const n = both + firstOnly + secondOnly + neither;
  if (n === 0) return notEstimable({ reason: "no image was read under both", method, n });
  const first = both + firstOnly;
  const second = both + secondOnly;
  const [p1, p2] = [first / n, second / n];
  const [l1, u1] = wilsonLimits(first, n);
  const [l2, u2] = wilsonLimits(second, n);
  const margins = first * (n - first) * second * (n - second);
  const product = both * neither - firstOnly * secondOnly;
  const phi = margins === 0 ? 0 : (product > 0 ? Math.max(product - n / 2, 0) : product) / Math.sqrt(margins);
  const joined = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
  const estimate = (firstOnly - secondOnly) / n;
  return {
    estimate,
    lower: Math.max(-1, estimate - joined(p1 - l1, u2 - p2)),
    upper: Math.min(1, estimate + joined(u1 - p1, p2 - l2)),
    method,
    n,
  };
}
