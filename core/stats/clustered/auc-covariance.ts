import { type StructuralComponents, sampleCovariance, structuralComponents } from "../roc/structural-components";
import type { Direction } from "../types";
import { type Clusters, type Ids, numberClusters } from "./clusters";

/**
 * How the covariance of areas on the same units is estimated: `delong` and `jackknife` (delete one unit) take units as independent,
 * `obuchowski` only the clusters.
 */
export type AucCovariance = { kind: "delong" } | { kind: "jackknife" } | { kind: "obuchowski"; cluster: Ids };

export interface CorrelatedAreas {
  areas: number[];
  /** Null when a class has fewer than two units (clusters). */
  covariance: number[][] | null;
}

/**
 * Areas under the ROC curve of several scores of the same units, with their covariance matrix.
 *
 * DeLong ER et al. Biometrics 1988;44:837-845; delete-one jackknife (n-1)/n sum of squares, in closed form since an area without one unit
 * is linear in that unit's structural component; Obuchowski NA. Biometrics 1997;53:567-578.
 * @example correlatedAreas({ truth: [0, 0, 1, 1], scores: [[1, 2, 3, 4], [1, 3, 2, 4]], direction: "higher", covariance: { kind: "delong" } }).covariance[1][1] // 0.125
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score is not finite
 */
export function correlatedAreas(options: {
  truth: ArrayLike<number>;
  scores: readonly ArrayLike<number>[];
  direction: Direction;
  covariance: AucCovariance;
}): CorrelatedAreas {
  const { truth, scores, direction, covariance } = options;
  const components = scores.map((score, i) => structuralComponents({ truth, score, direction, name: `scores[${i}]` }));
  const areas = components.map(({ auc }) => auc);
  const pairwise = <Part>(parts: readonly Part[], of: (a: Part, b: Part) => number) =>
    symmetric(parts.length, (i, j) => {
      const [a, b] = [parts[i], parts[j]];
      return a === undefined || b === undefined ? 0 : of(a, b);
    });
  if (covariance.kind === "obuchowski") {
    const clusters = numberClusters(covariance.cluster, truth.length);
    const sums = components.map((each) => clusterSums(each, truth, clusters));
    const estimable = sums.every(({ I10, I01 }) => I10 > 1 && I01 > 1);
    return { areas, covariance: estimable ? pairwise(sums, (a, b) => clusteredCovariance(a, b).total) : null };
  }
  const estimable = components.every(({ positives, negatives }) => positives.length > 1 && negatives.length > 1);
  if (!estimable) return { areas, covariance: null };
  const of = covariance.kind === "delong" ? delongCovariance : jackknifeCovariance;
  return { areas, covariance: pairwise(components, of) };
}

const delongCovariance = (a: StructuralComponents, b: StructuralComponents): number =>
  sampleCovariance(a.positives, b.positives) / a.positives.length +
  sampleCovariance(a.negatives, b.negatives) / a.negatives.length;

/** Sum of (A_(-i) - mean)(B_(-i) - mean) over all units, times (n-1)/n; A without positive unit i is (m A - V10_i) / (m - 1). */
function jackknifeCovariance(a: StructuralComponents, b: StructuralComponents): number {
  // Without one unit of a class the areas of that class average to A, so A is also the mean over all units.
  const n = a.positives.length + a.negatives.length;
  const share = (x: Float64Array, y: Float64Array) => sampleCovariance(x, y) / (x.length - 1);
  return ((n - 1) / n) * (share(a.positives, b.positives) + share(a.negatives, b.negatives));
}

/** A symmetric matrix from its lower triangle. */
export function symmetric(size: number, of: (i: number, j: number) => number): number[][] {
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const [i, row] of matrix.entries()) {
    for (let j = 0; j <= i; j++) {
      const value = of(i, j);
      row[j] = value;
      const mirror = matrix[j];
      if (mirror) mirror[i] = value;
    }
  }
  return matrix;
}

export interface ClusterSums {
  M: number;
  N: number;
  /** Per cluster: sum of V10 - A over its positive units, of V01 - A over its negative ones. */
  positive: Float64Array;
  negative: Float64Array;
  /** Clusters; those with a positive unit, with a negative one. */
  I: number;
  I10: number;
  I01: number;
}

export function clusterSums(
  { auc, positives, negatives }: StructuralComponents,
  truth: ArrayLike<number>,
  clusters: Clusters,
): ClusterSums {
  const positive = new Float64Array(clusters.count);
  const negative = new Float64Array(clusters.count);
  const has = [new Uint8Array(clusters.count), new Uint8Array(clusters.count)] as const;
  let [p, n] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    const cluster = clusters.of[i] ?? 0;
    if (truth[i] === 1) {
      positive[cluster] = (positive[cluster] ?? 0) + (positives[p++] ?? 0) - auc;
      has[1][cluster] = 1;
    } else {
      negative[cluster] = (negative[cluster] ?? 0) + (negatives[n++] ?? 0) - auc;
      has[0][cluster] = 1;
    }
  }
  const count = (flags: Uint8Array) => flags.reduce((sum, one) => sum + one, 0);
  return { M: p, N: n, positive, negative, I: clusters.count, I10: count(has[1]), I01: count(has[0]) };
}

/** The cluster sums of a difference of areas. */
export function differenceOfSums(a: ClusterSums, b: ClusterSums): ClusterSums {
  const less = (x: Float64Array, y: Float64Array) => x.map((value, i) => value - (y[i] ?? 0));
  return { ...a, positive: less(a.positive, b.positive), negative: less(a.negative, b.negative) };
}

/** Parts that cancel to this share of their size have cancelled. */
const rounding = 1e-12;

/** Obuchowski's covariance of two areas, S10/M + S01/N + (S11 + S11')/(M N), and its parts. */
export function clusteredCovariance(a: ClusterSums, b: ClusterSums) {
  const { I, I10, I01, M, N } = a;
  const product = (x: Float64Array, y: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += (x[i] ?? 0) * (y[i] ?? 0);
    return sum;
  };
  const s10 = ((I10 / (I10 - 1)) * product(a.positive, b.positive)) / M;
  const s01 = ((I01 / (I01 - 1)) * product(a.negative, b.negative)) / N;
  const s11 = (I / (I - 1)) * product(a.positive, b.negative);
  const mirrored = (I / (I - 1)) * product(b.positive, a.negative);
  const parts = [s10 / M, s01 / N, s11 / (M * N), mirrored / (M * N)];
  const total = parts.reduce((sum, part) => sum + part, 0);
  const size = parts.reduce((sum, part) => sum + Math.abs(part), 0);
  return { s10, s01, s11, total: Math.abs(total) <= rounding * size ? 0 : total };
}
