import betainc from "@stdlib/math-base-special-betainc";
import erfc from "@stdlib/math-base-special-erfc";
import erfcinv from "@stdlib/math-base-special-erfcinv";
import gammainc from "@stdlib/math-base-special-gammainc";
import betaincinv from "@stdlib/math-base-special-kernel-betaincinv";
import { StatsError } from "./errors";
import { checkPositive } from "./input";
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
 * @throws StatsError unless 0 < p < 1
 */
export function normalQuantile(p: number): number {
  checkProbability(p);
  return p === 0.5 ? 0 : -Math.SQRT2 * erfcinv(2 * p);
}

/** z of a two-sided 95 % interval. */
export const z95 = normalQuantile(0.975);

/**
 * P(B > x) of a beta distribution, y = 1 - x: the smaller tail is computed, from the smaller argument. (The upper tail of stdlib's `betainc`
 * is short of digits below the mean.)
 */
function betaUpperTail(x: number, y: number, a: number, b: number): number {
  if (x * (a + b) <= a) return 1 - betainc(x, a, b, true, false);
  return x < 0.5 ? betainc(x, a, b, true, true) : betainc(y, b, a, true, false);
}

/**
 * P(|T| > |t|) of Student's t.
 * @example studentTwoSidedP(2.5, 4.5) // 0.05991
 * @throws StatsError unless df > 0, or when t is NaN
 */
export function studentTwoSidedP(t: number, df: number): number {
  checkNumber({ t });
  checkPositive({ df });
  const square = t * t;
  return square === Infinity ? 0 : betaUpperTail(square / (df + square), df / (df + square), 0.5, df / 2);
}

/** P of Student's t: two-sided, P(T > t) for `greater`, P(T < t) for `less`. */
export const studentP = (t: number, df: number, tail: Tail): number =>
  tail === "two-sided" ? studentTwoSidedP(t, df) : studentCdf(tail === "greater" ? -t : t, df);

/** P(T <= t) of Student's t. */
export function studentCdf(t: number, df: number): number {
  const tail = studentTwoSidedP(t, df) / 2;
  return t > 0 ? 1 - tail : tail;
}

/** From here on Student's quantile is taken from the normal one; stdlib's inverse of the beta function fails for very many. */
const manyDegrees = 1e6;

/**
 * The t with P(T <= t) = p. Above a million degrees of freedom by the expansion in 1/df of the normal quantile (Abramowitz M, Stegun IA.
 * Handbook of Mathematical Functions, 1964, 26.7.5).
 * @example studentQuantile(0.975, 4.5) // 2.659
 * @throws StatsError unless 0 < p < 1 and df > 0, or when t is too large for a number
 */
export function studentQuantile(p: number, df: number): number {
  checkProbability(p);
  checkPositive({ df });
  if (p === 0.5) return 0;
  if (df > manyDegrees) {
    const z = normalQuantile(p);
    const square = z * z;
    const first = (square + 1) / 4;
    const second = ((5 * square + 16) * square + 3) / 96;
    const third = (((3 * square + 19) * square + 17) * square - 15) / 384;
    return z * (1 + (first + (second + third / df) / df) / df);
  }
  const tail = 2 * Math.min(p, 1 - p);
  const [share = 0, rest = 0] = betaincinv(df / 2, 0.5, tail, 1 - tail);
  const t = Math.sqrt((df * rest) / share);
  if (!Number.isFinite(t))
    throw new StatsError(
      "out_of_range",
      `p is ${p} with ${df} degrees of freedom: that quantile is too large for a number.`,
    );
  return p < 0.5 ? -t : t;
}

/**
 * P(F > x).
 * @example fUpperTail(4.484854, 1, 15.06611) // 0.05123
 * @throws StatsError unless both degrees of freedom are above 0, or when x is NaN
 */
export function fUpperTail(x: number, df1: number, df2: number): number {
  checkNumber({ x });
  checkPositive({ df1, df2 });
  if (x <= 0) return 1;
  const ratio = (df1 * x) / df2;
  return ratio === Infinity ? 0 : betaUpperTail(ratio / (1 + ratio), 1 / (1 + ratio), df1 / 2, df2 / 2);
}

/** From this shape on Stirling's series is exact; stdlib's incomplete gamma function is not for large shapes or far tails. */
const largeShape = 16;

/**
 * P(X > x) of a chi-square.
 * @example chiSquareUpperTail(3.841459, 1) // 0.05000
 * @throws StatsError unless df > 0, or when x is NaN
 */
export function chiSquareUpperTail(x: number, df: number): number {
  checkNumber({ x });
  checkPositive({ df });
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  return df / 2 < largeShape ? gammainc(x / 2, df / 2, true, true) : gammaUpperTail(x / 2, df / 2);
}

/**
 * The regularised upper incomplete gamma function for a large shape: below the mean 1 less the series in x / (a + k), above it Legendre's
 * continued fraction by Lentz's method (Press WH et al. Numerical Recipes, 3rd ed. 2007, 6.2), both times the Poisson probability in Loader's
 * saddle-point form.
 */
function gammaUpperTail(x: number, a: number): number {
  const leading = Math.exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
  if (x <= a) {
    let [term, sum] = [1, 1];
    for (let k = 1; term > sum * Number.EPSILON; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return 1 - leading * sum;
  }
  let b = x + 1 - a;
  let c = 1 / Number.MIN_VALUE;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k < 1e7; k++) {
    const coefficient = -k * (k - a);
    b += 2;
    d = 1 / (coefficient * d + b);
    c = b + coefficient / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) <= Number.EPSILON) break;
  }
  return leading * a * fraction;
}

/**
 * P(X <= x) of a beta distribution.
 * @throws StatsError unless a and b are above 0
 */
export function betaCdf(x: number, a: number, b: number): number {
  checkPositive({ a, b });
  return x <= 0 ? 0 : x >= 1 ? 1 : betainc(x, a, b, true, false);
}

/**
 * The x with P(X <= x) = p of a beta distribution.
 * @example betaQuantile(0.025, 174, 145) // 0.4907
 * @throws StatsError unless 0 < p < 1, and a and b are above 0
 */
export function betaQuantile(p: number, a: number, b: number): number {
  checkProbability(p);
  checkPositive({ a, b });
  const [x = 0] = betaincinv(a, b, p, 1 - p);
  return x;
}

/** x ln(x / mean) + mean - x without cancellation where the two are close: Loader's bd0. */
function deviance(x: number, mean: number): number {
  const gap = x - mean;
  if (Math.abs(gap) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - gap;
  const v = gap / (x + mean);
  let sum = gap * v;
  let term = 2 * x * v;
  for (let k = 1; ; k++) {
    term *= v * v;
    const next = sum + term / (2 * k + 1);
    if (next === sum) return next;
    sum = next;
  }
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
  if (!(p > 0 && p < 1)) throw new StatsError("out_of_range", `p is ${p}; a quantile needs 0 < p < 1.`);
}

function checkNumber(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isNaN(value)) throw new StatsError("not_finite", `${name} is NaN; it must be a number.`);
  }
}
