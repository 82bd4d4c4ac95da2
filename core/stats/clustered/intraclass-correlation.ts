import type { Said } from "../../words";
import { designEffect } from "../design/sample-size";
import { z95 } from "../distributions";
import { StatsError } from "../errors";
import { checkFinite } from "../input";
import { because, by, type Estimate, notEstimable, together, withoutInterval } from "../types";
import { type Clusters, fewClusters, type Ids, numberClusters } from "./clusters";

export interface IntraclassCorrelation {
  /** Of two units of one cluster; the interval is clipped to what the estimator can give, -1/(n0 - 1) to 1. */
  icc: Estimate;
  /** 1 + (m - 1) icc, m the mean cluster size: for clusters of about one size. A negative icc counts as 0. */
  designEffect: Estimate;
  /** The same with m the mean over units, sum m_i² / sum m_i: for unequal clusters, every unit weighing alike. */
  designEffectSizeWeighted: Estimate;
  units: number;
  clusters: number;
  meanSize: number;
  sizeWeightedMeanSize: number;
  /** (N - sum m_i² / N) / (k - 1); null with one cluster. */
  n0: number | null;
  /** Null with one cluster. */
  meanSquareBetween: number | null;
  /** Null when every cluster has one unit. */
  meanSquareWithin: number | null;
}

/** Below this, a variance of a correlation is rounding error. */
const rounding = 1e-14;

/**
 * Intraclass correlation of units (images) that come in clusters (patients), and the design effect that follows.
 *
 * One-way random effects, k clusters of m_i units, N in all: icc = (MSB - MSW) / (MSB + (n0 - 1) MSW), MSB and MSW the
 * mean squares between and within clusters, n0 = (N - sum m_i² / N) / (k - 1) (Donner A. Int Stat Rev 1986;54:67-82;
 * binary units: Ridout MS, Demétrio CGB, Firth D. Biometrics 1999;55:137-148). Interval: icc ± 1.96 SE with Smith's
 * large-sample variance for unequal cluster sizes (Smith CAB. Ann Hum Genet 1956;21:363-373; Donner A, Wells G.
 * Biometrics 1986;42:401-412),
 *
 *   2 (1 - r)²/n0² { (1 + r(n0 - 1))²/(N - k)
 *     + [(k - 1)(1 - r)(1 + r(2 n0 - 1)) + r² (sum m_i² - 2 sum m_i³/N + (sum m_i²)²/N²)] / (k - 1)² },
 *
 * and not Searle's F interval, exact for normal units in clusters of one size only. Design effect: Kish L. Survey
 * Sampling, 1965, 5.4; with the size-weighted mean: Kerry SM, Bland JM. Stat Med 2001;20:377-390.
 *
 * Assumes independent clusters, a correlation that is the same in all of them and not tied to their size, and many
 * clusters. For binary units the interval is too narrow when the correlation is high, hence a caution. One cluster, one
 * unit in each, or values that are all equal: not estimable. Equal members in every cluster: 1, without an interval.
 * @param options.value a measurement, or 0 and 1, one a unit; the icc has no unit
 * @param options.cluster one id a unit
 * @example intraclassCorrelation({ value: [1, 2, 4, 5, 9, 8], cluster: [1, 1, 2, 2, 3, 3] }).icc.estimate // 0.960
 * @throws StatsError when there is no unit, lengths differ, or a value is not finite
 */
export function intraclassCorrelation(options: {
  value: ArrayLike<number>;
  cluster: Ids;
  method?: Said;
}): IntraclassCorrelation {
  const { value, cluster, method = by("smith") } = options;
  const anova = oneWayAnova(value, numberClusters(cluster, value.length));
  const { sizes, units: n, n0, between, within } = anova;
  const squares = sizes.reduce((sum, m) => sum + m * m, 0);
  const [meanSize, sizeWeightedMeanSize] = [n / sizes.length, squares / n];
  const isBinary = Array.from(value).every((each) => each === 0 || each === 1);
  const icc = correlationOf(anova, { method, n, isBinary });
  const effect = (m: number, method: Said) => designEffectOf(icc, m, { method, n });
  return {
    icc,
    designEffect: effect(meanSize, by("design_effect_mean")),
    designEffectSizeWeighted: effect(sizeWeightedMeanSize, by("design_effect_weighted")),
    units: n,
    clusters: sizes.length,
    meanSize,
    sizeWeightedMeanSize,
    n0,
    meanSquareBetween: between,
    meanSquareWithin: within,
  };
}

/** Sizes, means and mean squares of a one-way layout, clusters in order of first appearance. */
export interface OneWayAnova {
  units: number;
  sizes: Float64Array;
  means: Float64Array;
  /** Mean of all units. */
  mean: number;
  /** As in `IntraclassCorrelation`. */
  n0: number | null;
  between: number | null;
  within: number | null;
}

/**
 * One-way analysis of variance of unequal clusters: MSB = sum m_i (mean_i - mean)² / (k - 1), MSW = sum (x - mean_i)² /
 * (N - k) (Searle SR, Casella G, McCulloch CE. Variance Components, 1992, 3.6). Equal values have mean squares of
 * exactly 0.
 * @throws StatsError when there is no unit or a value is not finite
 */
export function oneWayAnova(values: ArrayLike<number>, clusters: Clusters): OneWayAnova {
  checkFinite({ value: values });
  const units = values.length;
  if (units === 0) throw new StatsError("empty", "There is no unit.");
  const sizes = new Float64Array(clusters.count);
  const origins = new Float64Array(clusters.count);
  const sums = new Float64Array(clusters.count);
  const origin = values[0] ?? 0;
  let total = 0;
  for (const [i, cluster] of clusters.of.entries()) {
    const value = values[i] ?? 0;
    if (sizes[cluster] === 0) origins[cluster] = value;
    sizes[cluster] = (sizes[cluster] ?? 0) + 1;
    sums[cluster] = (sums[cluster] ?? 0) + value - (origins[cluster] ?? 0);
    total += value - origin;
  }
  const means = origins.map((start, i) => start + (sums[i] ?? 0) / (sizes[i] ?? 1));
  const mean = origin + total / units;
  let within = 0;
  for (const [i, cluster] of clusters.of.entries()) within += ((values[i] ?? 0) - (means[cluster] ?? 0)) ** 2;
  const between = means.reduce((sum, each, i) => sum + (sizes[i] ?? 0) * (each - mean) ** 2, 0);
  const k = clusters.count;
  const squares = sizes.reduce((sum, m) => sum + m * m, 0);
  return {
    units,
    sizes,
    means,
    mean,
    n0: k < 2 ? null : (units - squares / units) / (k - 1),
    between: k < 2 ? null : between / (k - 1),
    within: units === k ? null : within / (units - k),
  };
}

function correlationOf(anova: OneWayAnova, about: { method: Said; n: number; isBinary: boolean }): Estimate {
  const { n0, between, within, sizes, units } = anova;
  const { isBinary, ...named } = about;
  if (n0 === null || between === null) return notEstimable({ reason: because("one_cluster"), ...named });
  if (within === null) return notEstimable({ reason: because("one_unit_a_cluster"), ...named });
  if (between === 0 && within === 0) return notEstimable({ reason: because("values_same"), ...named });
  const estimate = (between - within) / (between + (n0 - 1) * within);
  const variance = smithVariance(estimate, { sizes, units, n0 });
  if (variance < rounding)
    return withoutInterval({ estimate, ...named, caution: because("variance_zero_no_interval") });
  const half = z95 * Math.sqrt(variance);
  const few = fewClusters(sizes.length).caution;
  const binary = isBinary ? because("binary_units") : undefined;
  const caution = together([few, binary]);
  return {
    estimate,
    lower: Math.max(-1 / (n0 - 1), estimate - half),
    upper: Math.min(1, estimate + half),
    ...named,
    ...(caution ? { caution } : {}),
  };
}

function smithVariance(r: number, { sizes, units, n0 }: { sizes: Float64Array; units: number; n0: number }): number {
  const k = sizes.length;
  const power = (exponent: number) => sizes.reduce((sum, m) => sum + m ** exponent, 0);
  const spread = power(2) - (2 * power(3)) / units + (power(2) / units) ** 2;
  const within = (1 + r * (n0 - 1)) ** 2 / (units - k);
  const between = ((k - 1) * (1 - r) * (1 + r * (2 * n0 - 1)) + r * r * spread) / (k - 1) ** 2;
  return ((2 * (1 - r) ** 2) / n0 ** 2) * (within + between);
}

function designEffectOf(icc: Estimate, meanClusterSize: number, about: { method: Said; n: number }): Estimate {
  if (icc.estimate === null) return notEstimable({ reason: icc.reason, ...about });
  const at = (value: number) => designEffect({ meanClusterSize, icc: Math.min(1, Math.max(0, value)) });
  const negative = icc.estimate < 0 ? because("correlation_negative") : undefined;
  const caution = together([negative, icc.caution]);
  return {
    estimate: at(icc.estimate),
    lower: icc.lower === null ? null : at(icc.lower),
    upper: icc.upper === null ? null : at(icc.upper),
    ...about,
    ...(caution ? { caution } : {}),
  };
}
