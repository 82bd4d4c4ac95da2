import type { Said } from "../../words";
import { betaQuantile, z95 } from "../distributions";
import { StatsError } from "../errors";
import { checkCounts } from "../input";
import { because, by, type Estimate, type Limits, notEstimable } from "../types";

/**
 * A proportion with the Wilson score interval, without continuity correction.
 *
 * (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Wilson EB. JASA 1927;22:209-212; recommended for all n by Brown LD, Cai TT,
 * DasGupta A. Stat Sci 2001;16:101-133. Assumes independent units. 0 of n and n of n give the end points 0 and 1; n = 0 is
 * not estimable.
 * @example wilson({ events: 174, n: 318 }) // 0.547, 0.492 to 0.601
 * @throws StatsError when the counts are not counts or events exceed n
 */
export function wilson({ events, n, method = by("wilson") }: { events: number; n: number; method?: Said }): Estimate {
  checkCounts({ events, n, others: n - events });
  if (n === 0) return notEstimable({ reason: because("denominator_zero"), method, n });
  const [lower, upper] = wilsonLimits(events, n);
  return { estimate: events / n, lower, upper, method, n };
}

/**
 * The two limits alone; n must be 1 or more.
 * @throws StatsError when the counts are not counts, events exceed n, or n is 0
 */
export function wilsonLimits(events: number, n: number): Limits {
  checkShare(events, n);
  return wilsonLimitsOf(events / n, n);
}

function checkShare(events: number, n: number): void {
  checkCounts({ events, n, others: n - events });
  if (n === 0) throw new StatsError("empty", "n is 0; limits need one unit.");
}

/** The limits of a share p of n units; n may be an effective number, not a whole one. */
export function wilsonLimitsOf(p: number, n: number): Limits {
  const square = z95 * z95;
  const centre = p + square / (2 * n);
  const half = z95 * Math.sqrt((p * (1 - p)) / n + square / (4 * n * n));
  const scale = 1 + square / n;
  return [p === 0 ? 0 : (centre - half) / scale, p === 1 ? 1 : (centre + half) / scale];
}

/**
 * Exact limits by beta quantiles: Clopper CJ, Pearson ES. Biometrika 1934;26:404-413. Never less than 95 % coverage, hence wide. n must be 1
 * or more.
 * @example clopperPearsonLimits(174, 318)[0] // 0.4907
 * @throws StatsError when the counts are not counts or events exceed n
 */
export function clopperPearsonLimits(events: number, n: number): Limits {
  checkShare(events, n);
  return [
    events === 0 ? 0 : betaQuantile(0.025, events, n - events + 1),
    events === n ? 1 : betaQuantile(0.975, events + 1, n - events),
  ];
}

/**
 * Wald's limits about the centre of Wilson's, with n + z² units: Agresti A, Coull BA. Am Stat 1998;52:119-126. Not clipped to 0..1. n must be
 * 1 or more.
 * @example agrestiCoullLimits(174, 318)[0] // 0.4922
 * @throws StatsError when the counts are not counts or events exceed n
 */
export function agrestiCoullLimits(events: number, n: number): Limits {
  checkShare(events, n);
  const units = n + z95 * z95;
  const centre = (events + (z95 * z95) / 2) / units;
  const half = z95 * Math.sqrt((centre * (1 - centre)) / units);
  return [centre - half, centre + half];
}

/**
 * Equal-tailed limits under Jeffreys' prior, beta(x + 1/2, n - x + 1/2), with 0 and 1 at the end points (Brown LD, Cai TT, DasGupta A. Stat
 * Sci 2001;16:101-133, 3.1). n must be 1 or more.
 * @example jeffreysLimits(174, 318)[0] // 0.4922
 * @throws StatsError when the counts are not counts or events exceed n
 */
export function jeffreysLimits(events: number, n: number): Limits {
  checkShare(events, n);
  const quantile = (p: number) => betaQuantile(p, events + 0.5, n - events + 0.5);
  return [events === 0 ? 0 : quantile(0.025), events === n ? 1 : quantile(0.975)];
}
