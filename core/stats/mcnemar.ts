import { binomialHalfCdf } from "./distributions";
import { count } from "./errors";
import { type Estimate, notEstimable } from "./types";
import { wilsonLimits } from "./wilson";

/** Two binary readings of the same cases: both yes, only the first, only the second, neither. */
export interface PairedCounts {
  both: number;
  onlyFirst: number;
  onlySecond: number;
  neither: number;
}

/** Exact conditional two-sided P (binomial at one half); 1 without discordant pairs. McNemar 1947; Fagerland 2013. */
export function mcnemarExact({ onlyFirst, onlySecond }: PairedCounts): number {
  const discordant = onlyFirst + onlySecond;
  return discordant === 0 ? 1 : Math.min(1, 2 * binomialHalfCdf(Math.min(onlyFirst, onlySecond), discordant));
}

/** Mid-P version of the exact test: less conservative, still close to its level (Fagerland, Lydersen, Laake, BMC Med Res Methodol 2013;13:91). */
export function mcnemarMidP({ onlyFirst, onlySecond }: PairedCounts): number {
  const discordant = onlyFirst + onlySecond;
  if (onlyFirst === onlySecond) return 1;
  const least = Math.min(onlyFirst, onlySecond);
  const point = binomialHalfCdf(least, discordant) - (least > 0 ? binomialHalfCdf(least - 1, discordant) : 0);
  return Math.min(1, 2 * (binomialHalfCdf(least, discordant) - point / 2));
}

/**
 * Difference of two proportions on the same cases, first - second, with Newcombe's interval (method 10: Wilson limits of each, correlation phi with the
 * continuity-corrected numerator). Source: Newcombe, Stat Med 1998;17:2635. Assumes independent cases. No case: not estimable.
 */
export function pairedDifference(counts: PairedCounts): Estimate {
  for (const [name, value] of Object.entries(counts)) count(value, name);
  const { both: a, onlyFirst: b, onlySecond: c, neither: d } = counts;
  const n = a + b + c + d;
  const method = "difference of paired proportions, Newcombe (method 10), images as independent";
  if (n === 0) return notEstimable("no case in the denominator", method, 0);
  const [p1, p2] = [(a + b) / n, (a + c) / n];
  const [first, second] = [wilsonLimits(a + b, n), wilsonLimits(a + c, n)];
  const determinant = a * d - b * c;
  const numerator = determinant > n / 2 ? determinant - n / 2 : determinant >= 0 ? 0 : determinant;
  const margins = (a + b) * (c + d) * (a + c) * (b + d);
  const phi = margins === 0 ? 0 : numerator / Math.sqrt(margins);
  const half = (u: number, v: number) => Math.sqrt(Math.max(0, u * u - 2 * phi * u * v + v * v));
  return {
    estimate: (b - c) / n,
    lower: p1 - p2 - half(p1 - first.lower, second.upper - p2),
    upper: p1 - p2 + half(p2 - second.lower, first.upper - p1),
    method,
    n,
  };
}

/** Asymptotic statistic without continuity correction, (b - c)^2 / (b + c); null without discordant pairs. */
export function mcnemarChiSquare({ onlyFirst, onlySecond }: PairedCounts): number | null {
  const discordant = onlyFirst + onlySecond;
  return discordant === 0 ? null : (onlyFirst - onlySecond) ** 2 / discordant;
}
