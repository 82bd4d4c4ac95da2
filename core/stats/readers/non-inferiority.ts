import { normalUpperTail, studentP, studentQuantile, z95 } from "../distributions";
import { checkFinite, checkPositive } from "../input";

export interface NonInferiority {
  /** Lower limit of the two-sided 95 % interval of the difference. */
  lower: number;
  margin: number;
  statistic: number;
  /** One-sided, of "the difference is -margin or worse". */
  p: number;
  /** The interval excludes -margin: one-sided level 0.025. */
  isNonInferior: boolean;
  /** The interval also excludes 0. */
  isSuperior: boolean;
}

/**
 * Is the new one not worse than the old by more than a margin? (difference + margin) / SE against t or the normal distribution; non-inferior
 * when the lower limit of the two-sided 95 % interval lies above -margin, superior when above 0 (Chen W, Petrick NA, Sahiner B. Acad Radiol
 * 2012;19:1158-1165). The margin is fixed in the protocol before the lock; P > .05 in a test of equality shows nothing of the kind.
 * @param options.difference new less old, a fraction (of any paired or MRMC analysis of this folder)
 * @param options.df of t; null for the normal distribution
 * @param options.margin a fraction above 0
 * @example nonInferiority({ difference: -0.01, standardError: 0.02, df: null, margin: 0.05 }).isNonInferior // true
 * @throws StatsError when the margin or standard error is not above 0, or a value is not finite
 */
export function nonInferiority(options: {
  difference: number;
  standardError: number;
  df: number | null;
  margin: number;
}): NonInferiority {
  const { difference, standardError, df, margin } = options;
  checkFinite({ difference: [difference] });
  checkPositive({ standardError, margin });
  const statistic = (difference + margin) / standardError;
  const lower = difference - (df === null ? z95 : studentQuantile(0.975, df)) * standardError;
  return {
    lower,
    margin,
    statistic,
    p: df === null ? normalUpperTail(statistic) : studentP(statistic, df, "greater"),
    isNonInferior: lower > -margin,
    isSuperior: lower > 0,
  };
}
