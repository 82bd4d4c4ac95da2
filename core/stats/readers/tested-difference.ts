import { normalP, studentP, studentQuantile, z95 } from "../distributions";
import type { Limits, Tail } from "../types";

/** A difference with its test. */
export interface TestedDifference {
  estimate: number;
  standardError: number;
  /** Of t; null where the normal distribution is taken. */
  df: number | null;
  /** 95 %; null, like statistic and P, without variance. */
  limits: Limits | null;
  statistic: number | null;
  p: number | null;
}

/** A variance this small against those it is a sum and difference of is rounding error. */
export const rounding = 1e-12;

/**
 * t with df degrees of freedom, normal when df is null.
 * @param about.least a variance of no more than this counts as 0: there is then no test
 */
export function testedDifference(about: {
  estimate: number;
  variance: number;
  df: number | null;
  tail: Tail;
  least: number;
}): TestedDifference {
  const { estimate, variance, df, tail, least } = about;
  if (variance <= least) return { estimate, standardError: 0, df, limits: null, statistic: null, p: null };
  const standardError = Math.sqrt(variance);
  const half = (df === null ? z95 : studentQuantile(0.975, df)) * standardError;
  const statistic = estimate / standardError;
  const p = df === null ? normalP(statistic, tail) : studentP(statistic, df, tail);
  return { estimate, standardError, df, limits: [estimate - half, estimate + half], statistic, p };
}

/** Degrees of freedom of a sum whose one random part has `df` of them; null when that part is no more than `least`, which counts as 0. */
export const satterthwaite = (total: number, part: number, df: number, least: number): number | null =>
  part > least ? total ** 2 / (part ** 2 / df) : null;
