import type { Said } from "../../words";
import { type Ids, numberClusters } from "../clustered/clusters";
import { checkFinite, checkLengths } from "../input";
import { because, by, type Estimate, notEstimable, withoutInterval } from "../types";
import { artanhInterval, isConstant } from "./artanh-interval";

export type DistanceWeights = "linear" | "quadratic";

/** Sums of distances that are smaller than this part of all of them are rounding error. */
const rounding = 1e-12;

/**
 * Weighted kappa of two raters on a numeric scale, ordinal or continuous, for units (images) in clusters (patients): 1 - Do / De, Do the mean distance of the
 * two ratings of a unit, De that of any rating of the first and any of the second; distance |a - b| (linear weights) or (a - b)² (quadratic).
 *
 * On equally spaced categories it is Cohen's weighted kappa (Psychol Bull 1968;70:213-220), with the values as they are taken for their distances. Interval:
 * `artanhInterval`. Raters who gave every unit one and the same rating: not estimable.
 * @param options.first a rating a unit; `second` likewise, on the same scale
 * @example clusteredWeightedKappa({ first: [1, 2, 3, 3], second: [1, 3, 3, 2], cluster: [1, 2, 3, 4], weights: "linear" }).estimate // 0.4286
 * @throws StatsError when lengths differ or a rating is not finite
 */
export function clusteredWeightedKappa(options: {
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  cluster: Ids;
  weights: DistanceWeights;
  method?: Said;
}): Estimate {
  const { first, second, cluster, weights, method = by("weighted_kappa", { weights: options.weights }) } = options;
  checkLengths({ first, second });
  checkFinite({ first, second });
  const n = first.length;
  if (n === 0) return notEstimable({ reason: because("no_unit_by_both"), method, n });
  const clusters = numberClusters(cluster, n);
  const distance = (a: number, b: number) => (weights === "linear" ? Math.abs(a - b) : (a - b) ** 2);
  const [toSecond, toFirst] = [distancesTo(second, weights), distancesTo(first, weights)];

  let observed = 0;
  let expected = 0;
  const own = Array.from({ length: clusters.count }, (): Part => ({ units: [], observed: 0, outward: 0 }));
  for (const [i, number] of clusters.of.entries()) {
    const [a, b] = [first[i] ?? 0, second[i] ?? 0];
    const outward = toSecond(a);
    observed += distance(a, b);
    expected += outward;
    const part = own[number];
    if (!part) continue;
    part.units.push(i);
    part.observed += distance(a, b);
    part.outward += outward + toFirst(b);
  }
  if (expected === 0) return notEstimable({ reason: because("raters_one_category"), method, n });
  const kappa = (units: number, apart: number, byChance: number) =>
    byChance <= rounding * expected ? null : 1 - (units * apart) / byChance;
  const deleted = own.map((part) => {
    // Distances between units of the cluster are in both sums of `outward`.
    const inward = part.units.reduce(
      (sum, i) => sum + part.units.reduce((inner, j) => inner + distance(first[i] ?? 0, second[j] ?? 0), 0),
      0,
    );
    return kappa(n - part.units.length, observed - part.observed, expected - part.outward + inward);
  });
  if (isConstant(first) || isConstant(second))
    return withoutInterval({ estimate: 0, method, n, caution: because("one_rater_constant") });
  return artanhInterval({ estimate: 1 - (n * observed) / expected, deleted, method, n });
}

/** What goes with a cluster: its units, the distances within them, and the distances of their ratings to all of the other rater's. */
interface Part {
  units: number[];
  observed: number;
  outward: number;
}

/** The sum of the distances of a value to all of some ratings, in the logarithm of their number. */
function distancesTo(ratings: ArrayLike<number>, weights: DistanceWeights): (value: number) => number {
  const sorted = Float64Array.from(ratings).sort();
  const n = sorted.length;
  const sums = new Float64Array(n + 1);
  for (const [i, rating] of sorted.entries()) sums[i + 1] = (sums[i] ?? 0) + rating;
  const total = sums[n] ?? 0;
  if (weights === "quadratic") {
    const mean = total / n;
    const spread = sorted.reduce((sum, rating) => sum + (rating - mean) ** 2, 0);
    return (value) => spread + n * (value - mean) ** 2;
  }
  return (value) => {
    const below = countBelow(sorted, value);
    const sumBelow = sums[below] ?? 0;
    return value * below - sumBelow + (total - sumBelow) - value * (n - below);
  };
}

function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
