import betainc from "@stdlib/math-base-special-betainc";
import erfc from "@stdlib/math-base-special-erfc";
import erfcinv from "@stdlib/math-base-special-erfcinv";
import gammainc from "@stdlib/math-base-special-gammainc";
import betaincinv from "@stdlib/math-base-special-kernel-betaincinv";
import type { Tail } from "./types";

/*
 * The distributions that the tests of this folder need, upper tails computed directly and not as 1 - cdf. The special functions are
 * stdlib's (ports of Boost and Cephes): they reach the tolerance of `tests/oracles/distributions.json` down to tails of 1e-300, which
 * jStat does not (P values of 1e-9 are off in the 10th digit, below 1e-16 they are 0). Degrees of freedom may be fractional.
 */

/** P(Z > z). */
export const normalUpperTail = (z: number): number => 0.5 * erfc(z / Math.SQRT2);

/** P(Z <= z). */
export const normalCdf = (z: number): number => normalUpperTail(-z);

/** Two-sided P of a standard normal statistic. */
export const normalTwoSidedP = (z: number): number => erfc(Math.abs(z) / Math.SQRT2);

/** P of a standard normal statistic: two-sided, P(Z > z) for `greater`, P(Z < z) for `less`. */
export const normalP = (z: number, tail: Tail): number =>
  tail === "two-sided" ? normalTwoSidedP(z) : normalUpperTail(tail === "greater" ? z : -z);

/**
 * The z with P(Z <= z) = p.
 * @example normalQuantile(0.975) // 1.96
 * @throws RangeError unless 0 < p < 1
 */
export function normalQuantile(p: number): number {
  checkProbability(p);
  return p === 0.5 ? 0 : -Math.SQRT2 * erfcinv(2 * p);
}

/** z of a two-sided 95 % interval. */
export const z95 = normalQuantile(0.975);

/**
 * P(|T| > |t|) of Student's t.
 * @example studentTwoSidedP(2.5, 4.5) // 0.05991
 * @throws RangeError unless df > 0
 */
export function studentTwoSidedP(t: number, df: number): number {
  checkPositive({ df });
  const square = t * t;
  return square < df
    ? betainc(square / (df + square), 0.5, df / 2, true, true)
    : betainc(df / (df + square), df / 2, 0.5, true, false);
}

/** P of Student's t: two-sided, P(T > t) for `greater`, P(T < t) for `less`. */
export const studentP = (t: number, df: number, tail: Tail): number =>
  tail === "two-sided" ? studentTwoSidedP(t, df) : studentCdf(tail === "greater" ? -t : t, df);

/** P(T <= t) of Student's t. */
export function studentCdf(t: number, df: number): number {
  const tail = studentTwoSidedP(t, df) / 2;
  return t > 0 ? 1 - tail : tail;
}

/**
 * The t with P(T <= t) = p.
 * @example studentQuantile(0.975, 4.5) // 2.659
 * @throws RangeError unless 0 < p < 1 and df > 0
 */
export function studentQuantile(p: number, df: number): number {
  checkProbability(p);
  checkPositive({ df });
  if (p === 0.5) return 0;
  const tail = 2 * Math.min(p, 1 - p);
  const [share = 0, rest = 0] = betaincinv(df / 2, 0.5, tail, 1 - tail);
  const t = Math.sqrt((df * rest) / share);
  return p < 0.5 ? -t : t;
}

/**
 * P(F > x).
 * @example fUpperTail(4.484854, 1, 15.06611) // 0.05123
 * @throws RangeError unless both degrees of freedom are above 0
 */
export function fUpperTail(x: number, df1: number, df2: number): number {
  checkPositive({ df1, df2 });
  return x <= 0 ? 1 : betainc(df2 / (df2 + df1 * x), df2 / 2, df1 / 2, true, false);
}

/**
 * P(X > x) of a chi-square.
 * @example chiSquareUpperTail(3.841459, 1) // 0.05
 * @throws RangeError unless df > 0
 */
export function chiSquareUpperTail(x: number, df: number): number {
  checkPositive({ df });
  return x <= 0 ? 1 : gammainc(x / 2, df / 2, true, true);
}

/**
 * P(X <= x) of a beta distribution.
 * @throws RangeError unless a and b are above 0
 */
export function betaCdf(x: number, a: number, b: number): number {
  checkPositive({ a, b });
  return x <= 0 ? 0 : x >= 1 ? 1 : betainc(x, a, b, true, false);
}

/**
 * The x with P(X <= x) = p of a beta distribution.
 * @example betaQuantile(0.025, 174, 145) // 0.4907
 * @throws RangeError unless 0 < p < 1, and a and b are above 0
 */
export function betaQuantile(p: number, a: number, b: number): number {
  checkProbability(p);
  checkPositive({ a, b });
  const [x = 0] = betaincinv(a, b, p, 1 - p);
  return x;
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

/** P(X = k): k marked among j drawn without replacement from m marked and n others. Loader's form, as in R's dhyper. */
export function hypergeometricPmf(k: number, m: number, n: number, j: number): number {
  if (k < Math.max(0, j - n) || k > Math.min(m, j)) return 0;
  if (j === 0) return 1;
  const p = j / (m + n);
  return (binomialPmf(k, m, p) * binomialPmf(j - k, n, p)) / binomialPmf(j, m + n, p);
}

/** P(X <= k) of the hypergeometric distribution. */
export function hypergeometricCdf(k: number, m: number, n: number, j: number): number {
  let sum = 0;
  for (let i = Math.max(0, j - n); i <= k; i++) sum += hypergeometricPmf(i, m, n, j);
  return Math.min(1, sum);
}

function checkProbability(p: number): void {
  if (!(p > 0 && p < 1)) throw new RangeError(`p is ${p}; a quantile needs 0 < p < 1.`);
}

function checkPositive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(value > 0 && value < Infinity)) throw new RangeError(`${name} is ${value}; it must be above 0.`);
  }
}
