/**
 * Standard error from the values of a statistic with one cluster (or unit) left out at a time: sqrt((G-1)/G sum (value - mean)^2), G values
 * (Efron B, Tibshirani RJ. An Introduction to the Bootstrap, 1993, ch. 11). Values that differ by rounding error only give 0.
 * @example jackknifeStandardError([1, 2, 3]) // 1.155
 * @returns null with fewer than two values, or when one is not estimable (null)
 */
export function jackknifeStandardError(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length < values.length || known.length < 2) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const spread = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return spread < rounding ? 0 : Math.sqrt(((known.length - 1) / known.length) * spread);
}

/** Of squares of differences of order 1. */
const rounding = 1e-28;
