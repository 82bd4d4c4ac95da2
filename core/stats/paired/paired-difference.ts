import { wilsonLimits } from "../counts/proportion";
import { z95 } from "../distributions";
import { StatsError } from "../errors";
import { checkCounts } from "../input";
import type { Limits, PairedCounts } from "../types";

/*
 * 95 % intervals for the difference p1 - p2 = (b - c) / n of two paired proportions, b pairs positive by the first alone, c by the second
 * alone. All assume independent pairs and need at least one. Compared by Fagerland MW, Lydersen S, Laake P. Stat Med 2014;33:2850-2875.
 */

/** @throws StatsError when a count is not one, or there is no pair */
function margins({ both, firstOnly, secondOnly, neither }: PairedCounts) {
  checkCounts({ both, firstOnly, secondOnly, neither });
  const n = both + firstOnly + secondOnly + neither;
  if (n === 0) throw new StatsError("empty", "There is no pair; a difference needs one.");
  return { n, estimate: (firstOnly - secondOnly) / n };
}

/**
 * Wald: d ± z √(b + c - (b - c)²/n) / n. Too narrow in small samples; no width without discordant pairs.
 * @example waldLimits({ both: 1, firstOnly: 1, secondOnly: 7, neither: 12 })[0] // -0.5197
 */
export function waldLimits(counts: PairedCounts): Limits {
  const { n, estimate } = margins(counts);
  const { firstOnly: b, secondOnly: c } = counts;
  const half = (z95 * Math.sqrt(Math.max(0, b + c - (b - c) ** 2 / n))) / n;
  return [estimate - half, estimate + half];
}

/**
 * Newcombe's: Wilson limits of both proportions, joined by the correlation phi (Newcombe RG. Stat Med 1998;17:2635-2650). Method 10 takes
 * phi with the numerator ad - bc - n/2 when that is positive, 0 when ad - bc lies between 0 and n/2, ad - bc when negative; method 8 takes
 * ad - bc. Recommended for small samples.
 * @example newcombeLimits({ both: 1, firstOnly: 1, secondOnly: 7, neither: 12 })[0] // -0.5069
 */
export function newcombeLimits(counts: PairedCounts, variant: "method 10" | "method 8" = "method 10"): Limits {
  const { n, estimate } = margins(counts);
  const { both, firstOnly, secondOnly, neither } = counts;
  const [first, second] = [both + firstOnly, both + secondOnly];
  const [p1, p2] = [first / n, second / n];
  const [l1, u1] = wilsonLimits(first, n);
  const [l2, u2] = wilsonLimits(second, n);
  const product = both * neither - firstOnly * secondOnly;
  const numerator = variant === "method 10" && product > 0 ? Math.max(product - n / 2, 0) : product;
  const under = first * (n - first) * second * (n - second);
  const phi = under === 0 ? 0 : numerator / Math.sqrt(under);
  // The square root of a² - 2 phi a b + b², written so that it cannot cancel.
  const joined = (a: number, b: number) => Math.hypot(a - phi * b, b * Math.sqrt(Math.max(0, 1 - phi * phi)));
  return [Math.max(-1, estimate - joined(p1 - l1, u2 - p2)), Math.min(1, estimate + joined(u1 - p1, p2 - l2))];
}

/**
 * Bonett DG, Price RM. J Educ Behav Stat 2012;37:479-488: Wald's with one pair added to each discordant cell. Not clipped.
 * @example bonettPriceLimits({ both: 1, firstOnly: 1, secondOnly: 7, neither: 12 })[0] // -0.5084
 */
export function bonettPriceLimits(counts: PairedCounts): Limits {
  const { n } = margins(counts);
  const [p12, p21] = [(counts.firstOnly + 1) / (n + 2), (counts.secondOnly + 1) / (n + 2)];
  const half = z95 * Math.sqrt((p12 + p21 - (p12 - p21) ** 2) / (n + 2));
  return [p12 - p21 - half, p12 - p21 + half];
}

/**
 * Agresti A, Min Y. Stat Med 2005;24:729-740: Wald's with half a pair added to each of the four cells. Not clipped.
 * @example agrestiMinLimits({ both: 1, firstOnly: 1, secondOnly: 7, neither: 12 })[0] // -0.4932
 */
export function agrestiMinLimits(counts: PairedCounts): Limits {
  const { n } = margins(counts);
  const [b, c, total] = [counts.firstOnly + 0.5, counts.secondOnly + 0.5, n + 2];
  const half = (z95 * Math.sqrt(b + c - (b - c) ** 2 / total)) / total;
  return [(b - c) / total - half, (b - c) / total + half];
}

/**
 * Tango's score interval (Tango T. Stat Med 1998;17:891-908): the differences d at which (b - c - n d) / √(n (2 q + d (1 - d))) lies
 * within ± z, q the constrained estimate of the second discordant probability. Found by bisection to the last bit.
 * @example tangoLimits({ both: 1, firstOnly: 1, secondOnly: 7, neither: 12 })[0] // -0.5172
 */
export function tangoLimits(counts: PairedCounts): Limits {
  const { n, estimate } = margins(counts);
  const { firstOnly: b, secondOnly: c } = counts;
  const score = (d: number) => {
    const linear = -b - c + (2 * n - b + c) * d;
    const q = (Math.sqrt(Math.max(0, linear ** 2 - 8 * n * (-c * d * (1 - d)))) - linear) / (4 * n);
    const variance = n * (2 * q + d * (1 - d));
    const gap = b - c - n * d;
    return variance <= 0 ? (gap === 0 ? 0 : Math.sign(gap) * Number.MAX_VALUE) : gap / Math.sqrt(variance);
  };
  const limit = (outer: number) => {
    let [inside, outside] = [estimate, outer];
    if (Math.abs(score(outer)) <= z95) return outer;
    for (let step = 0; step < 200; step++) {
      const middle = (inside + outside) / 2;
      if (middle === inside || middle === outside) break;
      if (Math.abs(score(middle)) <= z95) inside = middle;
      else outside = middle;
    }
    return (inside + outside) / 2;
  };
  return [limit(-1), limit(1)];
}
