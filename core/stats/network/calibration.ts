import type { Said } from "../../words";
import {
  type Clusters,
  clustersOfSmallerClass,
  fewClusters,
  type Ids,
  numberClusters,
  quantileOfClusters,
} from "../clustered/clusters";
import { chiSquareUpperTail, normalTwoSidedP, studentTwoSidedP, z95 } from "../distributions";
import { StatsError } from "../errors";
import { checkBinary, checkLengths } from "../input";
import { because, by, type Estimate, notEstimable, withoutInterval } from "../types";

/** Truth (0/1) and the predicted probability of disease (0..1), one a unit. */
export interface Predicted {
  truth: ArrayLike<number>;
  probability: ArrayLike<number>;
}

export interface Calibration {
  n: number;
  events: number;
  meanProbability: number;
  /** Share of events. */
  observed: number;
  brier: number;
  /** Of predicting the share of events for every unit. */
  brierOfPrevalence: number;
  /** 1 - brier / brierOfPrevalence; null when all units are of one class. */
  brierSkill: number | null;
  /** Null when a probability is 0 or 1. */
  logLoss: number | null;
  /** Two-sided; null when every probability is 0, 1/2 or 1. */
  spiegelhalter: { z: number; p: number } | null;
  /** Observed log odds less predicted ones: 0 is calibrated, above 0 the predictions are too low. */
  inTheLarge: { intercept: Estimate; standardError: number | null; p: number | null };
  recalibration: Recalibration;
  hosmerLemeshow: HosmerLemeshow | { reason: Said };
  bins: CalibrationBin[];
  /** Expected and maximum calibration error over the bins. */
  ece: number;
  mce: number;
}

/** logit P(event) = intercept + slope logit p; 0 and 1 are calibrated, a slope below 1 is overconfident. */
export interface Recalibration {
  intercept: Estimate;
  interceptStandardError: number | null;
  slope: Estimate;
  slopeStandardError: number | null;
  deviance: number | null;
}

export interface HosmerLemeshow {
  /** Null, as P, when a group expects only events or none at all. */
  chiSquare: number | null;
  df: number;
  /** Null without degrees of freedom. */
  p: number | null;
  groups: { n: number; observed: number; expected: number }[];
}

/** One of ten equal widths: [0, 0.1), ..., [0.9, 1]. */
export interface CalibrationBin {
  n: number;
  meanProbability: number | null;
  observed: number | null;
}

/**
 * Do predicted probabilities mean what they say? Brier score, log loss, tests and bins of calibration.
 *
 * - Brier score mean (p - y)² (Brier GW. Mon Weather Rev 1950;78:1-3), skill 1 - brier/(prevalence (1 - prevalence));
 *   log loss -mean(y ln p + (1-y) ln(1-p)).
 * - Spiegelhalter's z = sum (y-p)(1-2p) / sqrt(sum (1-2p)² p(1-p)) (Spiegelhalter DJ. Stat Med 1986;5:421-433).
 * - Calibration in the large (the intercept with slope 1) and logistic recalibration, both by maximum likelihood with
 *   Wald intervals: Cox DR. Biometrika 1958;45:562-565; Van Calster B et al. BMC Med 2019;17:230. Not estimable: a
 *   class is empty, a probability is 0 or 1 without clipping; the slope also not when the probability is constant or
 *   separates the classes.
 * - Hosmer-Lemeshow chi-square, df = groups - 2 (Hosmer DW, Lemeshow S. Commun Stat 1980;A9:1043-1069): groups between
 *   the type 7 quantiles of p, (a, b] with the lowest included; equal quantiles merge, so ties make fewer groups.
 * - ECE and MCE: mean (by units) and largest |mean p - observed| of ten equal-width bins (Naeini MP et al. AAAI
 *   2015:2901-2907).
 *
 * Assumes independent units, but for the logistic models when clusters are given: their standard errors are then those of the sandwich between
 * clusters, G/(G-1) A^-1 (sum of outer products of the clusters' scores) A^-1 (Liang KY, Zeger SL. Biometrika 1986;73:13-22), with t on
 * clusters - 1. All other tests are descriptive with several images a patient. n = 1 and one class give scores and bins only.
 * @param input.clip for the two logistic models alone, probabilities are moved into [clip, 1 - clip]; null: as they are
 * @param input.cluster one id a unit (patient); null: units are independent
 * @param input.groups of Hosmer and Lemeshow, 10 by custom
 * @example calibration({ truth: [0, 1, 0, 1], probability: [0.1, 0.6, 0.4, 0.8], groups: 2 }).brier // 0.0925
 * @throws StatsError when there is no unit, lengths differ, truth is not 0/1, a probability lies outside 0..1, clip
 * outside 0..1/2, or there are fewer than 2 groups
 */
export function calibration(
  input: Predicted & { clip?: number | null; groups: number; cluster?: Ids | null },
): Calibration {
  const { clip = null, groups, cluster = null } = input;
  const { truth, probability } = checkPredicted(input);
  if (clip !== null && !(clip > 0 && clip < 0.5))
    throw new StatsError("out_of_range", `clip is ${clip}; it must lie between 0 and 1/2.`);
  if (!(Number.isSafeInteger(groups) && groups >= 2))
    throw new StatsError("out_of_range", `groups is ${groups}; it must be a whole number, 2 or more.`);
  const n = truth.length;
  const events = total(truth);
  const observed = events / n;
  const sumOf = (term: (p: number, y: number) => number) =>
    probability.reduce((sum, p, i) => sum + term(p, truth[i] ?? 0), 0);
  const brier = sumOf((p, y) => (p - y) ** 2) / n;
  const brierOfPrevalence = observed * (1 - observed);
  const hasCertain = probability.some((p) => p === 0 || p === 1);
  const spread = sumOf((p) => (1 - 2 * p) ** 2 * p * (1 - p));
  const z = spread === 0 ? null : sumOf((p, y) => (y - p) * (1 - 2 * p)) / Math.sqrt(spread);
  const bins = equalWidthBins(truth, probability);
  const gaps = bins.map((bin) => Math.abs((bin.meanProbability ?? 0) - (bin.observed ?? 0)));
  return {
    n,
    events,
    meanProbability: total(probability) / n,
    observed,
    brier,
    brierOfPrevalence,
    brierSkill: brierOfPrevalence === 0 ? null : 1 - brier / brierOfPrevalence,
    logLoss: hasCertain ? null : -sumOf((p, y) => (y === 1 ? Math.log(p) : Math.log1p(-p))) / n,
    spiegelhalter: z === null ? null : { z, p: normalTwoSidedP(z) },
    ...logisticModels(truth, probability, clip, cluster && numberClusters(cluster, n)),
    hosmerLemeshow: hosmerLemeshow(truth, probability, groups),
    bins,
    ece: bins.reduce((sum, bin, i) => sum + (bin.n / n) * (gaps[i] ?? 0), 0),
    mce: Math.max(...gaps),
  };
}

/** @throws StatsError when there is no unit, lengths differ, truth is not 0/1, or a probability lies outside 0..1 */
export function checkPredicted({ truth, probability }: Predicted): { truth: Float64Array; probability: Float64Array } {
  checkLengths({ truth, probability });
  checkBinary({ truth });
  if (truth.length === 0) throw new StatsError("empty", "There is no unit.");
  for (let i = 0; i < probability.length; i++) {
    const value = probability[i] ?? Number.NaN;
    if (!(value >= 0 && value <= 1))
      throw new StatsError("out_of_range", `probability[${i}] is ${value}; it must lie in 0..1.`, i);
  }
  return { truth: Float64Array.from(truth), probability: Float64Array.from(probability) };
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

function logisticModels(
  truth: Float64Array,
  probability: Float64Array,
  clip: number | null,
  clusters: Clusters | null,
): Pick<Calibration, "inTheLarge" | "recalibration"> {
  const n = truth.length;
  const clipped = clip === null ? probability : probability.map((p) => Math.min(1 - clip, Math.max(clip, p)));
  const logits = clipped.map((p) => Math.log(p / (1 - p)));
  const events = total(truth);
  const obstacle =
    events === 0 || events === n
      ? because("one_class", { truth: events === 0 ? "negative" : "positive" })
      : logits.some((value) => !Number.isFinite(value))
        ? because("probability_at_edge")
        : null;
  const slopeObstacle = obstacle ?? separation(truth, logits);

  const large = obstacle ? null : fitLogistic(truth, logits, { isSlopeFree: false, clusters });
  const both = slopeObstacle ? null : fitLogistic(truth, logits, { isSlopeFree: true, clusters });
  const pOf = (statistic: number) =>
    clusters ? studentTwoSidedP(statistic, clusters.count - 1) : normalTwoSidedP(statistic);
  const estimated = (fit: Fit | null, which: "intercept" | "slope", reason: Said | null, method: Said): Estimate => {
    if (!fit) return notEstimable({ reason: reason ?? noConvergence, method, n });
    const { estimate, standardError } = fit[which];
    if (standardError === null) return withoutInterval({ estimate, method, n, caution: because("one_cluster") });
    if (standardError < rounding)
      return withoutInterval({ estimate, method, n, caution: because("variance_zero_no_interval") });
    const half = (clusters ? quantileOfClusters(clusters.count) : z95) * standardError;
    const few = clusters ? fewClusters(clustersOfSmallerClass(truth, clusters.of)) : {};
    return { ...few, estimate, lower: estimate - half, upper: estimate + half, method, n };
  };
  return {
    inTheLarge: {
      intercept: estimated(large, "intercept", obstacle, by("in_the_large")),
      standardError: large ? large.intercept.standardError : null,
      p: large?.intercept.standardError ? pOf(large.intercept.estimate / large.intercept.standardError) : null,
    },
    recalibration: {
      intercept: estimated(both, "intercept", slopeObstacle, by("recalibration")),
      interceptStandardError: both ? both.intercept.standardError : null,
      slope: estimated(both, "slope", slopeObstacle, by("recalibration")),
      slopeStandardError: both ? both.slope.standardError : null,
      deviance: both ? both.deviance : null,
    },
  };
}

const noConvergence = because("logistic_no_convergence");

/**
 * Why the slope has no finite maximum likelihood estimate (Albert A, Anderson JA. Biometrika 1984;71:1-10), or null.
 */
function separation(truth: Float64Array, logits: Float64Array): Said | null {
  const range = [0, 1].map((y) => {
    const own = logits.filter((_, i) => truth[i] === y);
    return { low: own.reduce((a, b) => Math.min(a, b)), high: own.reduce((a, b) => Math.max(a, b)) };
  });
  const [negative, positive] = range;
  if (!negative || !positive) return null;
  if (Math.min(negative.low, positive.low) === Math.max(negative.high, positive.high))
    return because("probabilities_same");
  return negative.high <= positive.low || positive.high <= negative.low ? because("classes_separated") : null;
}

interface Fit {
  /** No standard error: all units are of one cluster. */
  intercept: { estimate: number; standardError: number | null };
  slope: { estimate: number; standardError: number | null };
  deviance: number;
}

/** A standard error of log odds below this is rounding error. */
const rounding = 1e-9;

/** Newton stops after a step that could raise the log likelihood by no more than this share of it: the next would be rounding error. */
const smallestGain = 1e-14;

/**
 * Maximum likelihood by Newton's method, which is IRLS here, from intercept 0 and slope 1, halving a step that lowers
 * the likelihood; standard errors from the expected information, or from the scores of the clusters. Null when it does not converge.
 */
function fitLogistic(
  truth: Float64Array,
  x: Float64Array,
  { isSlopeFree, clusters }: { isSlopeFree: boolean; clusters: Clusters | null },
): Fit | null {
  let at: Line = { intercept: 0, slope: 1 };
  let current = derivatives(truth, x, at);
  for (let iteration = 0; iteration < 200; iteration++) {
    const [g0, g1] = current.gradient;
    const [i00, i01, i11] = current.information;
    const determinant = isSlopeFree ? i00 * i11 - i01 * i01 : i00;
    if (!(determinant > 0)) return null;
    const step = isSlopeFree
      ? { intercept: (i11 * g0 - i01 * g1) / determinant, slope: (i00 * g1 - i01 * g0) / determinant }
      : { intercept: g0 / determinant, slope: 0 };
    const gain = g0 * step.intercept + g1 * step.slope;
    const next = improve(truth, x, { at, current, step });
    if (next !== null) ({ at, current } = next);
    if (next === null || gain <= smallestGain * Math.max(1, Math.abs(current.logLikelihood)))
      return fitAt(at, current, isSlopeFree, clusters && scoresByCluster(truth, x, at, clusters));
  }
  return null;
}

function fitAt(
  { intercept, slope }: Line,
  { information, logLikelihood }: Derivatives,
  isSlopeFree: boolean,
  scores: readonly Scores[] | null,
): Fit | null {
  const [i00, i01, i11] = information;
  const determinant = isSlopeFree ? i00 * i11 - i01 * i01 : i00;
  if (!(determinant > 0)) return null;
  const inverse = isSlopeFree
    ? { intercept: [i11 / determinant, -i01 / determinant], slope: [-i01 / determinant, i00 / determinant] }
    : { intercept: [1 / determinant, 0], slope: [0, 0] };
  const standardErrorOf = ([a = 0, b = 0]: number[], ofInformation: number) => {
    if (scores === null) return Math.sqrt(ofInformation);
    if (scores.length < 2) return null;
    const squares = scores.reduce((sum, score) => sum + (a * score.intercept + b * score.slope) ** 2, 0);
    return Math.sqrt((scores.length / (scores.length - 1)) * squares);
  };
  return {
    intercept: { estimate: intercept, standardError: standardErrorOf(inverse.intercept, inverse.intercept[0] ?? 0) },
    slope: { estimate: slope, standardError: standardErrorOf(inverse.slope, inverse.slope[1] ?? 0) },
    deviance: -2 * logLikelihood,
  };
}

/** The derivative of the log likelihood, of the units of one cluster. */
type Scores = Line;

function scoresByCluster(
  truth: Float64Array,
  x: Float64Array,
  { intercept, slope }: Line,
  clusters: Clusters,
): Scores[] {
  const scores = Array.from({ length: clusters.count }, () => ({ intercept: 0, slope: 0 }));
  for (const [i, value] of x.entries()) {
    const own = scores[clusters.of[i] ?? 0];
    if (!own) continue;
    const residual = (truth[i] ?? 0) - 1 / (1 + Math.exp(-(intercept + slope * value)));
    own.intercept += residual;
    own.slope += residual * value;
  }
  return scores;
}

interface Line {
  intercept: number;
  slope: number;
}

/**
 * The step, or a half, a quarter ... of it, that does not lower the likelihood by more than rounding; null when none
 * does.
 */
function improve(
  truth: Float64Array,
  x: Float64Array,
  { at, current, step }: { at: Line; current: Derivatives; step: Line },
): { at: Line; current: Derivatives } | null {
  const least = current.logLikelihood - 1e-12 * Math.abs(current.logLikelihood);
  for (let share = 1; share > 1e-8; share /= 2) {
    const next = { intercept: at.intercept + share * step.intercept, slope: at.slope + share * step.slope };
    const found = derivatives(truth, x, next);
    if (found.logLikelihood >= least) return { at: next, current: found };
  }
  return null;
}

interface Derivatives {
  logLikelihood: number;
  gradient: [number, number];
  /** Intercept, both, slope. */
  information: [number, number, number];
}

function derivatives(truth: Float64Array, x: Float64Array, { intercept, slope }: Line): Derivatives {
  let logLikelihood = 0;
  const gradient: [number, number] = [0, 0];
  const information: [number, number, number] = [0, 0, 0];
  for (const [i, value] of x.entries()) {
    const line = intercept + slope * value;
    const small = Math.exp(-Math.abs(line));
    const p = line > 0 ? 1 / (1 + small) : small / (1 + small);
    const weight = small / (1 + small) ** 2;
    const y = truth[i] ?? 0;
    logLikelihood -= Math.log1p(small) + Math.max(0, y === 1 ? -line : line);
    gradient[0] += y - p;
    gradient[1] += (y - p) * value;
    information[0] += weight;
    information[1] += weight * value;
    information[2] += weight * value * value;
  }
  return { logLikelihood, gradient, information };
}

function hosmerLemeshow(truth: Float64Array, probability: Float64Array, wanted: number): Calibration["hosmerLemeshow"] {
  const sorted = probability.slice().sort();
  const breaks = [...new Set(Array.from({ length: wanted + 1 }, (_, k) => quantile(sorted, k, wanted)))];
  if (breaks.length < 2) return { reason: because("one_group") };
  const groups = breaks.slice(1).map(() => ({ n: 0, observed: 0, expected: 0 }));
  const upper = breaks.slice(1, -1);
  for (const [i, p] of probability.entries()) {
    const above = upper.findIndex((limit) => p <= limit);
    const group = groups[above < 0 ? upper.length : above];
    if (!group) continue;
    group.n++;
    group.observed += truth[i] ?? 0;
    group.expected += p;
  }
  const df = groups.length - 2;
  if (groups.some(({ n, expected }) => expected <= 0 || expected >= n)) return { chiSquare: null, df, p: null, groups };
  const chiSquare = groups.reduce((sum, { n, observed, expected }) => {
    return sum + (observed - expected) ** 2 / expected + (observed - expected) ** 2 / (n - expected);
  }, 0);
  return { chiSquare, df, p: df > 0 ? chiSquareUpperTail(chiSquare, df) : null, groups };
}

/** The k/of quantile of sorted values, type 7; the rank is one division, so that a whole one is exact. */
function quantile(sorted: Float64Array, k: number, of: number): number {
  const rank = ((sorted.length - 1) * k) / of;
  const below = Math.floor(rank);
  const [low = 0, high = low] = [sorted[below], sorted[below + 1]];
  return low + (rank - below) * (high - low);
}

function equalWidthBins(truth: Float64Array, probability: Float64Array): CalibrationBin[] {
  const sums = Array.from({ length: 10 }, () => ({ n: 0, probability: 0, events: 0 }));
  for (const [i, p] of probability.entries()) {
    const bin = sums.findLast((_, k) => p >= k / 10);
    if (!bin) continue;
    bin.n++;
    bin.probability += p;
    bin.events += truth[i] ?? 0;
  }
  return sums.map(({ n, probability: sum, events }) => ({
    n,
    meanProbability: n === 0 ? null : sum / n,
    observed: n === 0 ? null : events / n,
  }));
}
