import type { Said } from "../../words";
import { type Clusters, fewClusters, type Ids, numberClusters } from "../clustered/clusters";
import { type OneWayAnova, oneWayAnova } from "../clustered/intraclass-correlation";
import { chiSquareUpperTail, studentQuantile, z95 } from "../distributions";
import { StatsError } from "../errors";
import { checkFinite, checkLengths } from "../input";
import { because, by, type Estimate, type Limits, notEstimable, withoutInterval } from "../types";

/** Differences are first less second. All in the unit of the values (mm), variances in its square (mm²). */
export interface BlandAltman {
  pairs: number;
  /** Independent ones; as many as pairs when `subject` is null. */
  subjects: number;
  /** Mean difference: of the pairs, or, where subjects have several, of the subjects' means. */
  bias: Estimate;
  /** bias - 1.96 SD and bias + 1.96 SD: where 95 % of single differences are expected. */
  lowerLimit: Estimate;
  upperLimit: Estimate;
  /** Of a single difference about the bias. Null with one subject, as `betweenVariance` and `pairWeighted`. */
  standardDeviation: number | null;
  /** Of a difference within a subject; null when no subject has two pairs. */
  withinVariance: number | null;
  /** Of a difference between subjects; null when no subject has two pairs. A negative estimate is given as 0. */
  betweenVariance: number | null;
  /** The estimates of Bland and Altman 2007, in which every pair counts alike; null when no subject has two pairs. */
  pairWeighted: PairWeighted | null;
  /** Slope of the difference on the mean of the two (mm per mm): 0 when small and large differ alike. */
  proportionalBias: Estimate;
  method: Said;
  /** What to read the limits with, as sentences for the page. */
  cautions: Said[];
}

export interface PairWeighted {
  /** Mean of all pairs. */
  bias: number;
  betweenVariance: number;
  standardDeviation: number;
  lowerLimit: number;
  upperLimit: number;
}

/**
 * Bland and Altman's 95 % limits of agreement of two measurements of the same units: short-axis diameters (mm) by two
 * readers.
 *
 * One pair a subject: bias ± 1.96 s, s the standard deviation of the differences; intervals with t of n - 1, of the
 * bias by s²/n, of a limit by s² (1/n + 1.96²/(2(n-1))) (Bland JM, Altman DG. Lancet 1986;327:307-310; Stat Methods Med
 * Res 1999;8:135-160, sect. 2). These are approximate; the exact ones (Carkeet A. Optom Vis Sci 2015;92:e71-80) are a
 * little wider outwards and narrower inwards.
 *
 * Several pairs a subject, whose true value may vary: one-way random effects on the differences (Bland JM, Altman DG. J
 * Biopharm Stat 2007;17:571-582). With dm_i the mean of the m_i differences of subject i, S² the variance of the n
 * means, MSW the mean square within, h the harmonic mean of the m_i: bias mean dm_i, variance of a difference S² + (1 -
 * 1/h) MSW, between subjects S² - MSW/h. Intervals of the limits by MOVER, chi-square limits of S² (n - 1 degrees of
 * freedom) and MSW (N - n) recombined (Zou GY. Stat Methods Med Res 2013;22:630-642); of the bias t of n - 1 with S²/n.
 * Every subject counts alike: S² is near chi-square however unequal the m_i. The estimates in which every pair counts
 * alike, bias the mean of all pairs and variance MSW + (MSB - MSW)/n0 (1999, sect. 5.3; 2007), are in `pairWeighted`;
 * with equal m_i the two agree.
 *
 * Proportional bias: least squares slope of difference on mean, interval by the sandwich variance clustered by subject
 * with factor G/(G-1) (N-1)/(N-2) and t of G - 1 (Liang KY, Zeger SL. Biometrika 1986;73:13-22; Cameron AC, Miller DL.
 * J Hum Resour 2015;50:317-372). A slope arises also when one reader merely scatters more than the other (Bland JM,
 * Altman DG. Lancet 1995;346:1085-1087).
 *
 * Assumes independent subjects, near normal differences, and bias and spread that do not change with size. Ties are
 * harmless. One subject: a bias without an interval, no limits. Differences that are all equal: limits at the bias,
 * with a caution.
 * @param options.subject the patient (or node) of each pair; null: every pair is of its own subject
 * @example blandAltman({ first: [6, 8, 7], second: [5, 8, 9], subject: null }).bias.estimate // -0.333
 * @throws StatsError when there is no pair, lengths differ, or a value is not finite
 */
export function blandAltman(options: {
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  subject: Ids | null;
}): BlandAltman {
  const { first, second, subject } = options;
  checkLengths({ first, second });
  checkFinite({ first, second });
  const pairs = first.length;
  if (pairs === 0) throw new StatsError("empty", "There is no pair; give at least one.");
  const clusters = numberClusters(subject ?? Array.from({ length: pairs }, (_, i) => i), pairs);
  const difference = Float64Array.from({ length: pairs }, (_, i) => (first[i] ?? 0) - (second[i] ?? 0));
  const size = Float64Array.from({ length: pairs }, (_, i) => (first[i] ?? 0) / 2 + (second[i] ?? 0) / 2);
  const largest = [first, second].flatMap((values) => Array.from(values)).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const noise = (1e-12 * largest) ** 2;
  const { isBetweenNegative, ...limits } = limitsOf(oneWayAnova(difference, clusters), noise);
  const proportionalBias = slopeOf({ size, difference, clusters, noise });
  const cautions: Said[] = [];
  if (clusters.count < 30) cautions.push(because("few_subjects", { count: clusters.count }));
  if (isBetweenNegative) cautions.push(because("between_variance_negative"));
  const { lower, upper } = proportionalBias;
  if (lower !== null && upper !== null && (lower > 0 || upper < 0)) cautions.push(because("proportional_bias"));
  return { pairs, subjects: clusters.count, ...limits, proportionalBias, cautions };
}

type Spread = Omit<BlandAltman, "pairs" | "subjects" | "proportionalBias" | "cautions"> & {
  isBetweenNegative: boolean;
};

/** @param noise a variance of differences up to this is rounding error */
function limitsOf(anova: OneWayAnova, noise: number): Spread {
  const { units, sizes, means, between, within, n0 } = anova;
  const n = sizes.length;
  const isRepeated = within !== null;
  const method = by(isRepeated ? "bland_altman_repeated" : "bland_altman_pairs");
  const about = { method, n: units };
  const bias = means.reduce((sum, each) => sum + each, 0) / n;
  if (between === null || n0 === null) {
    const reason = because("one_subject");
    const none = { standardDeviation: null, betweenVariance: null, pairWeighted: null, isBetweenNegative: false };
    const limit = notEstimable({ reason, ...about });
    const lone = withoutInterval({ estimate: bias, ...about, caution: reason });
    return { bias: lone, lowerLimit: limit, upperLimit: limit, withinVariance: within, ...none, method };
  }

  const ofMeans = means.reduce((sum, each) => sum + (each - bias) ** 2, 0) / (n - 1);
  const shareOfOne = sizes.reduce((sum, m) => sum + 1 / m, 0) / n;
  const parts = [{ value: ofMeans, df: n - 1 }];
  if (isRepeated) parts.push({ value: (1 - shareOfOne) * within, df: units - n });
  const variance = parts.reduce((sum, { value }) => sum + value, 0);
  const standardDeviation = Math.sqrt(variance);
  const t = studentQuantile(0.975, n - 1);
  const { outward, inward } = isRepeated
    ? moverReach(parts, ofMeans / n)
    : evenReach(t * Math.sqrt(variance * (1 / n + z95 ** 2 / (2 * (n - 1)))));
  const caution = variance <= noise ? { caution: because("differences_same") } : {};
  const estimated = (estimate: number, below: number, above: number): Estimate => {
    return { estimate, lower: estimate - below, upper: estimate + above, ...about, ...caution };
  };
  const half = t * Math.sqrt(ofMeans / n);
  const betweenSubjects = isRepeated ? ofMeans - shareOfOne * within : null;
  return {
    bias: estimated(bias, half, half),
    lowerLimit: estimated(bias - z95 * standardDeviation, outward, inward),
    upperLimit: estimated(bias + z95 * standardDeviation, inward, outward),
    standardDeviation,
    withinVariance: within,
    betweenVariance: betweenSubjects === null ? null : Math.max(0, betweenSubjects),
    pairWeighted: isRepeated ? pairWeightedOf({ bias: anova.mean, between, within, n0 }) : null,
    method,
    isBetweenNegative: betweenSubjects !== null && betweenSubjects < -noise,
  };
}

function pairWeightedOf(about: { bias: number; between: number; within: number; n0: number }): PairWeighted {
  const { bias, between, within, n0 } = about;
  const betweenSubjects = (between - within) / n0;
  const standardDeviation = Math.sqrt(within + betweenSubjects);
  return {
    bias,
    betweenVariance: Math.max(0, betweenSubjects),
    standardDeviation,
    lowerLimit: bias - z95 * standardDeviation,
    upperLimit: bias + z95 * standardDeviation,
  };
}

/** How far the interval of a limit reaches away from the bias and towards it. */
interface Reach {
  outward: number;
  inward: number;
}

const evenReach = (half: number): Reach => ({ outward: half, inward: half });

/** Zou 2013: limits of the variance from those of its independent parts, then those of a limit of agreement. */
function moverReach(parts: { value: number; df: number }[], biasVariance: number): Reach {
  const variance = parts.reduce((sum, { value }) => sum + value, 0);
  const distance = (p: number) =>
    Math.hypot(...parts.map(({ value, df }) => value * (df / chiSquareQuantile(p, df) - 1)));
  const sd = Math.sqrt(variance);
  const [lowest, highest]: Limits = [
    Math.sqrt(Math.max(0, variance - distance(0.975))),
    Math.sqrt(variance + distance(0.025)),
  ];
  const reach = (distanceOfSd: number) => z95 * Math.hypot(Math.sqrt(biasVariance), distanceOfSd);
  return { outward: reach(highest - sd), inward: reach(sd - lowest) };
}

/** The x with P(X <= x) = p of a chi-square, by bisection to the last digit. */
function chiSquareQuantile(p: number, df: number): number {
  const isBelow = (x: number) => chiSquareUpperTail(x, df) > 1 - p;
  let [low, high] = [0, df];
  while (isBelow(high)) [low, high] = [high, 2 * high];
  for (let middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2) {
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return high;
}

/** Below this, a variance of a slope is rounding error. */
const rounding = 1e-24;

function slopeOf(data: { size: Float64Array; difference: Float64Array; clusters: Clusters; noise: number }): Estimate {
  const { size, difference, clusters, noise } = data;
  const n = size.length;
  const about = { method: by("slope_on_mean"), n };
  const meanOf = (values: Float64Array) => {
    const origin = values[0] ?? 0;
    return origin + values.reduce((sum, value) => sum + value - origin, 0) / n;
  };
  const [centre, level] = [meanOf(size), meanOf(difference)];
  const x = size.map((value) => value - centre);
  const spread = x.reduce((sum, value) => sum + value * value, 0);
  if (spread <= n * noise) return notEstimable({ reason: because("means_same"), ...about });
  const estimate = x.reduce((sum, value, i) => sum + value * ((difference[i] ?? 0) - level), 0) / spread;
  const groups = clusters.count;
  if (groups < 2 || n < 3) {
    const caution = groups < 2 ? because("one_subject_no_variance") : because("two_pairs");
    return withoutInterval({ estimate, ...about, caution });
  }
  const scores = new Float64Array(groups);
  for (const [i, subject] of clusters.of.entries()) {
    const value = x[i] ?? 0;
    scores[subject] = (scores[subject] ?? 0) + value * ((difference[i] ?? 0) - level - estimate * value);
  }
  const factor = ((groups / (groups - 1)) * (n - 1)) / (n - 2);
  const variance = (factor * scores.reduce((sum, score) => sum + score * score, 0)) / spread ** 2;
  if (variance < rounding)
    return withoutInterval({ estimate, ...about, caution: because("variance_zero_no_interval") });
  const half = studentQuantile(0.975, groups - 1) * Math.sqrt(variance);
  return { estimate, lower: estimate - half, upper: estimate + half, ...about, ...fewClusters(groups) };
}
