import type { Said } from "../../words";
import { normalCdf, normalQuantile } from "../distributions";
import { StatsError } from "../errors";
import { quantileOf } from "../quantile";
import { because, by, type Estimate, type Limits, notEstimable, withoutInterval } from "../types";
import { type Clusters, fewClusters, type Ids, numberClusters } from "./clusters";

/**
 * A statistic of units that count as often as their weight (a whole number, 0 or more, one a unit); null where it is not estimable. For
 * instance `(weights) => weightedAuc(ranked, weights)`.
 */
export type WeightedStatistic = (weights: Float64Array) => number | null;

export interface Bootstrap {
  /** Of the sample itself, every weight 1. */
  estimate: number;
  /** In order of drawing; null where the statistic was not estimable. */
  replicates: (number | null)[];
  /** Replicates in which the statistic was not estimable (a class was not drawn): left out. */
  undefinedReplicates: number;
  mean: number;
  /** Standard deviation of the replicates. */
  standardError: number;
  bias: number;
  percentile: Limits;
  basic: Limits;
  /** Null when every replicate lies on one side of the estimate, or leaving out a cluster makes the statistic undefined. */
  bca: { z0: number; acceleration: number; alpha: Limits; limits: Limits } | null;
  clusters: number;
  method: Said;
  /** Why an interval says less than it seems to. */
  caution?: Said;
}

interface Sample {
  /** Units. */
  n: number;
  /** One id a unit; null when every unit is its own cluster. */
  cluster: Ids | null;
  statistic: WeightedStatistic;
}

/**
 * Cluster bootstrap of any statistic: clusters (patients) are drawn with replacement, each brings all its units.
 *
 * Percentile, basic (2 estimate - upper, 2 estimate - lower) and BCa intervals, 95 %, quantiles of type 7: Efron B, Tibshirani RJ. An
 * Introduction to the Bootstrap, 1993, ch. 13-14 (BCa: z0 from the share of replicates below the estimate, ties 1/2; acceleration from the
 * delete-one-cluster jackknife); clusters: Rutter CM. Acad Radiol 2000;7:413-419. Clusters are independent. Same seed, same result.
 * @param options.strata one label a unit; clusters are then drawn within strata, each as often as it has clusters. Null: from all. A cluster
 * belongs to the stratum of its first unit.
 * @param options.random numbers in [0, 1), seeded by the caller
 * @example bootstrap({ n, cluster, strata: null, statistic: (w) => weightedAuc(ranked, w), replicates: 2000, random }).bca?.limits
 * @throws StatsError when lengths differ, there is no unit or replicate, or the statistic is not estimable on the sample itself
 */
export function bootstrap(
  options: Sample & { strata: Ids | null; replicates: number; random: () => number },
): Bootstrap | ReturnType<typeof notEstimable> {
  return drawn(options, { isWithBca: true });
}

function drawn(
  options: Sample & { strata: Ids | null; replicates: number; random: () => number },
  { isWithBca }: { isWithBca: boolean },
): Bootstrap | ReturnType<typeof notEstimable> {
  const { n, strata, replicates, random } = options;
  if (!(Number.isInteger(replicates) && replicates > 1))
    throw new StatsError("out_of_range", `replicates is ${replicates}; it must be a whole number, 2 or more.`);
  const clusters = numberClusters(options.cluster ?? Array.from({ length: n }, (_, i) => i), n);
  const groups = clustersByStratum(clusters.of, clusters.count, strata);
  const draw = (times: Float64Array) => drawClusters(times, groups, random);
  return run(options, clusters, { wanted: replicates, draw, isWithBca });
}

/**
 * The percentile interval of `bootstrap`, units drawn by cluster and without strata, as an estimate; without the jackknife of the BCa interval, whose
 * time grows with the square of the clusters.
 * @throws StatsError as `bootstrap`
 */
export function bootstrapPercentile(
  options: Sample & { replicates: number; random: () => number; method: Said },
): Estimate {
  const { n, method } = options;
  const result = drawn({ ...options, strata: null }, { isWithBca: false });
  if (result.estimate === null) return { ...result, method };
  const { estimate, percentile, caution } = result;
  if (percentile[1] - percentile[0] < 1e-12)
    return withoutInterval({ estimate, method, n, caution: because("replicates_same") });
  return { estimate, lower: percentile[0], upper: percentile[1], method, n, ...(caution ? { caution } : {}) };
}

/**
 * The same with the drawn clusters given, by number in order of first appearance.
 * @throws StatsError as `bootstrap`, or when a drawn number is not one of a cluster
 */
export function bootstrapOf(options: Sample & { resamples: readonly (readonly number[])[] }) {
  const { n, resamples } = options;
  const clusters = numberClusters(options.cluster ?? Array.from({ length: n }, (_, i) => i), n);
  let next = 0;
  const draw = (times: Float64Array) => {
    times.fill(0);
    const size = resamples[next]?.length ?? 0;
    if (size !== clusters.count)
      throw new StatsError("length_mismatch", `resamples[${next}] draws ${size} of ${clusters.count} clusters.`, next);
    for (const drawn of resamples[next] ?? []) {
      if (!(Number.isInteger(drawn) && drawn >= 0 && drawn < clusters.count))
        throw new StatsError("out_of_range", `resamples[${next}] draws ${drawn}; there are ${clusters.count}.`, next);
      times[drawn] = (times[drawn] ?? 0) + 1;
    }
    next++;
  };
  return run(options, clusters, { wanted: resamples.length, draw, isWithBca: true });
}

/** Draws from each group as many clusters as it has, with replacement; `times` then says how often each cluster came. */
export function drawClusters(times: Float64Array, groups: readonly (readonly number[])[], random: () => number): void {
  times.fill(0);
  for (const group of groups) {
    for (let k = 0; k < group.length; k++) {
      const drawn = group[Math.min(group.length - 1, Math.floor(random() * group.length))] ?? 0;
      times[drawn] = (times[drawn] ?? 0) + 1;
    }
  }
}

function run(
  { n, statistic }: Sample,
  { of, count }: Clusters,
  { wanted, draw, isWithBca }: { wanted: number; draw: (times: Float64Array) => void; isWithBca: boolean },
): Bootstrap | ReturnType<typeof notEstimable> {
  const method = by(count === n ? "bootstrap" : "cluster_bootstrap");
  if (n === 0) throw new StatsError("empty", "There is no unit to draw from.");
  const checked = (value: number | null) => {
    if (value !== null && !Number.isFinite(value))
      throw new StatsError("not_finite", `The statistic gave ${value}; it must give a number, or null.`);
    return value;
  };
  const estimate = checked(statistic(new Float64Array(n).fill(1)));
  if (estimate === null) return notEstimable({ reason: because("sample_not_estimable"), method, n });
  const times = new Float64Array(count);
  const weights = new Float64Array(n);
  const weighted = () => {
    for (let i = 0; i < n; i++) weights[i] = times[of[i] ?? 0] ?? 0;
    return checked(statistic(weights));
  };
  const replicates: (number | null)[] = [];
  for (let replicate = 0; replicate < wanted; replicate++) {
    draw(times);
    replicates.push(weighted());
  }
  const known = replicates.filter((value) => value !== null);
  if (known.length < 2) return notEstimable({ reason: because("replicates_not_estimable"), method, n });
  const sorted = Float64Array.from(known).sort();
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const spread = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const percentile: Limits = [quantileOf(sorted, 0.025), quantileOf(sorted, 0.975)];
  const undefinedReplicates = wanted - known.length;
  return {
    estimate,
    replicates,
    undefinedReplicates,
    mean,
    standardError: Math.sqrt(spread / (sorted.length - 1)),
    bias: mean - estimate,
    percentile,
    basic: [2 * estimate - percentile[1], 2 * estimate - percentile[0]],
    bca: isWithBca
      ? biasCorrected(
          sorted,
          estimate,
          acceleration(count, (left) => {
            times.fill(1);
            times[left] = 0;
            return weighted();
          }),
        )
      : null,
    clusters: count,
    method,
    ...cautionOf({ undefinedReplicates, wanted, isConstant: sorted[0] === sorted.at(-1), clusters: count }),
  };
}

function cautionOf(about: { undefinedReplicates: number; wanted: number; isConstant: boolean; clusters: number }): {
  caution?: Said;
} {
  const { undefinedReplicates, wanted, isConstant, clusters } = about;
  if (isConstant) return { caution: because("replicates_same") };
  if (undefinedReplicates > 0) return { caution: because("replicates_left_out", { undefinedReplicates, wanted }) };
  return fewClusters(clusters);
}

function clustersByStratum(of: Int32Array, count: number, strata: Ids | null): number[][] {
  if (strata === null) return [Array.from({ length: count }, (_, i) => i)];
  if (strata.length !== of.length)
    throw new StatsError("length_mismatch", `${strata.length} strata for ${of.length} units; give one a unit.`);
  const groups = new Map<string | number, number[]>();
  const seen = new Uint8Array(count);
  for (const [i, cluster] of of.entries()) {
    if (seen[cluster] === 1) continue;
    seen[cluster] = 1;
    const label = strata[i] ?? "";
    const group = groups.get(label) ?? [];
    groups.set(label, group);
    group.push(cluster);
  }
  return [...groups.values()];
}

/** From the delete-one values: sum d^3 / (6 (sum d^2)^1.5), d = mean - value; null when one is not estimable. */
function acceleration(count: number, without: (left: number) => number | null): number | null {
  const values: number[] = [];
  for (let left = 0; left < count; left++) {
    const value = without(left);
    if (value === null) return null;
    values.push(value);
  }
  if (values.every((value) => value === values[0])) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const [squares, cubes] = [2, 3].map((power) => values.reduce((sum, value) => sum + (mean - value) ** power, 0));
  return squares === undefined || cubes === undefined || squares === 0 ? null : cubes / (6 * squares ** 1.5);
}

/** Two differences of the same shares may differ by this. */
const rounding = 1e-12;

function biasCorrected(sorted: Float64Array, estimate: number, a: number | null): Bootstrap["bca"] {
  const isTie = (value: number) => Math.abs(value - estimate) <= rounding * Math.max(1, Math.abs(estimate));
  const below = sorted.reduce((sum, value) => sum + (isTie(value) ? 0.5 : value < estimate ? 1 : 0), 0);
  const share = below / sorted.length;
  if (a === null || share === 0 || share === 1) return null;
  const z0 = normalQuantile(share);
  const adjusted = (p: number) => {
    const z = z0 + normalQuantile(p);
    return normalCdf(z0 + z / (1 - a * z));
  };
  const alpha: Limits = [adjusted(0.025), adjusted(0.975)];
  return { z0, acceleration: a, alpha, limits: [quantileOf(sorted, alpha[0]), quantileOf(sorted, alpha[1])] };
}
