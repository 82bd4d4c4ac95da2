import { z95 } from "./distributions";
import { checkCounts } from "./input";
import { type Estimate, notEstimable } from "./types";

/**
 * A proportion with the Wilson score interval, without continuity correction.
 *
 * (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Wilson EB. JASA 1927;22:209-212; recommended for all n by Brown LD, Cai TT,
 * DasGupta A. Stat Sci 2001;16:101-133. Assumes independent units. 0 of n and n of n give the end points 0 and 1; n = 0 is
 * not estimable.
 * @example wilson({ events: 174, n: 318 }) // 0.547, 0.492 to 0.601
 * @throws StatsError when the counts are not counts or events exceed n
 */
export function wilson({ events, n, method = "Wilson" }: { events: number; n: number; method?: string }): Estimate {
  checkCounts({ events, n, others: n - events });
  if (n === 0) return notEstimable({ reason: "nothing to count: the denominator is 0", method, n });
  const [lower, upper] = wilsonLimits(events, n);
  return { estimate: events / n, lower, upper, method, n };
}

/** The two limits alone; n must be 1 or more. */
export const wilsonLimits = (events: number, n: number): [number, number] => wilsonLimitsOf(events / n, n);

/** The limits of a share p of n units; n may be an effective number, not a whole one. */
export function wilsonLimitsOf(p: number, n: number): [number, number] {
  const square = z95 * z95;
  const centre = p + square / (2 * n);
  const half = z95 * Math.sqrt((p * (1 - p)) / n + square / (4 * n * n));
  const scale = 1 + square / n;
  return [p === 0 ? 0 : (centre - half) / scale, p === 1 ? 1 : (centre + half) / scale];
}
