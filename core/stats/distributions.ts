/*
 * The distributions that the tests of this folder need, upper tails computed directly and not as 1 - cdf. AS = Abramowitz M, Stegun IA,
 * Handbook of Mathematical Functions, 1964. Relative error below 1e-10 (quantile: 1e-9), checked against R.
 */

const normalDensity = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** P(Z > z). AS 26.2.11 (series) near 0, AS 26.2.14 (continued fraction) in the tail. */
export function normalUpperTail(z: number): number {
  if (z < 0) return 1 - normalUpperTail(-z);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let k = 3; term > 1e-18; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - normalDensity(z) * sum;
  }
  let fraction = z;
  for (let k = 120; k >= 1; k--) fraction = z + k / fraction;
  return normalDensity(z) / fraction;
}

/** P(Z <= z). */
export const normalCdf = (z: number): number => normalUpperTail(-z);

/** Two-sided P of a standard normal statistic. */
export const normalTwoSidedP = (z: number): number => Math.min(1, 2 * normalUpperTail(Math.abs(z)));

/**
 * The z with P(Z <= z) = p: AS 26.2.23 as a start, then Halley steps on the tail.
 * @throws RangeError unless 0 < p < 1
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`p is ${p}; a normal quantile needs 0 < p < 1.`);
  const tail = Math.min(p, 1 - p);
  const t = Math.sqrt(-2 * Math.log(tail));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 3; step++) {
    const error = (normalUpperTail(z) - tail) / normalDensity(z);
    z += error / (1 - (z * error) / 2);
  }
  return p < 0.5 ? -z : z;
}

/** z of a two-sided 95 % interval. */
export const z95 = normalQuantile(0.975);

/**
 * P(X > x) of a chi-square with whole degrees of freedom: the finite sums AS 26.4.4 (odd) and 26.4.5 (even).
 * @throws RangeError unless df is a whole number, 1 or more
 */
export function chiSquareUpperTail(x: number, df: number): number {
  if (!Number.isSafeInteger(df) || df < 1) throw new RangeError(`df is ${df}; it must be a whole number, 1 or more.`);
  if (x <= 0) return 1;
  const root = Math.sqrt(x);
  const odd = df % 2 === 1;
  let sum = odd ? 2 * normalUpperTail(root) : 0;
  let term = odd ? 2 * normalDensity(root) * root : Math.exp(-x / 2);
  for (let divisor = odd ? 3 : 2; divisor <= df; divisor += 2) {
    sum += term;
    term *= x / divisor;
  }
  return Math.min(1, sum);
}

/** ln(n!) less Stirling's formula (AS 6.1.41). */
function stirlingError(n: number): number {
  if (n >= 16) {
    const square = n * n;
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
  }
  let factorial = 1;
  for (let k = 2; k <= n; k++) factorial *= k;
  return Math.log(factorial) - (n === 0 ? 0 : (n + 0.5) * Math.log(n) - n) - 0.5 * Math.log(2 * Math.PI);
}

/** P(X = k), n trials of probability p: the saddle-point form (Loader C, Fast and accurate computation of binomial probabilities, 2000). */
export function binomialPmf(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  if (p <= 0) return k === 0 ? 1 : 0;
  if (p >= 1) return k === n ? 1 : 0;
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return Math.exp(n * Math.log(p));
  const deviance = (x: number, mean: number) => x * Math.log(x / mean) + mean - x;
  const exponent =
    stirlingError(n) - stirlingError(k) - stirlingError(n - k) - deviance(k, n * p) - deviance(n - k, n * (1 - p));
  return Math.sqrt(n / (2 * Math.PI * k * (n - k))) * Math.exp(exponent);
}

/** P(X <= k): terms from k outwards, on the side of the smaller tail. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n || p <= 0) return 1;
  if (p >= 1) return 0;
  if (k > n * p) return 1 - binomialCdf(n - k - 1, n, 1 - p);
  let term = binomialPmf(k, n, p);
  let sum = 0;
  for (let j = k; j >= 0 && term > 0; j--) {
    sum += term;
    term *= ((j / (n - j + 1)) * (1 - p)) / p;
  }
  return Math.min(1, sum);
}
