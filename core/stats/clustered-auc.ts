import { type Clusters, fewClusters, numberClusters } from "./clusters";
import { normalTwoSidedP, z95 } from "./distributions";
import { type StructuralComponents, structuralComponents } from "./structural-components";
import { type Estimate, notEstimable } from "./types";

export interface ClusteredAuc {
  auc: Estimate;
  clusters: number;
  clustersWithPositive: number;
  clustersWithNegative: number;
  /** Null when the variance is not estimable. */
  variance: number | null;
}

export interface ClusteredAucComparison {
  first: ClusteredAuc;
  second: ClusteredAuc;
  covariance: number | null;
  /** AUC of the first less AUC of the second; the interval is not clipped. */
  difference: Estimate;
  standardError: number | null;
  z: number | null;
  /** Two-sided; null when the variance is 0 or not estimable. */
  p: number | null;
}

type Ids = readonly (string | number)[];

/**
 * Area under the empirical ROC curve of units (images) that come in clusters (patients), which may hold both classes.
 *
 * Obuchowski NA. Biometrics 1997;53:567-578: with V10 and V01 the structural components summed by cluster, M positive and N negative
 * units, I clusters, I10 and I01 with a positive and a negative unit: S10 = I10/((I10-1) M) sum (V10_i - m_i A)^2, S01 likewise,
 * S11 = I/(I-1) sum (V10_i - m_i A)(V01_i - n_i A), variance = S10/M + S01/N + 2 S11/(M N). One unit a cluster: DeLong's. A higher
 * score is more suspicious; ties count 1/2. Clusters are independent; with fewer than 30 a caution says so. An empty class is not
 * estimable; a class within one cluster has no interval.
 * @throws StatsError when lengths differ, truth is not 0/1, or a score is not finite
 */
export function clusteredAuc(options: {
  truth: readonly number[];
  score: readonly number[];
  cluster: Ids;
  method?: string;
}): ClusteredAuc {
  const { truth, score, cluster, method = "empirical AUC, Obuchowski (clustered)" } = options;
  return describe(sumsOf(truth, score, numberClusters(cluster, truth.length)), truth.length, method);
}

/**
 * Two correlated areas on the same clustered units: Obuchowski's covariance, S10_12/M + S01_12/N + (S11_12 + S11_21)/(M N).
 * Assumptions and edge cases as in `clusteredAuc`; no variance of the difference: no test.
 * @throws StatsError when lengths differ, truth is not 0/1, or a score is not finite
 */
export function compareClusteredAuc(options: {
  truth: readonly number[];
  first: readonly number[];
  second: readonly number[];
  cluster: Ids;
  method?: string;
}): ClusteredAucComparison {
  const { truth, cluster, method = "difference of AUCs, Obuchowski (clustered)" } = options;
  const clusters = numberClusters(cluster, truth.length);
  const a = sumsOf(truth, options.first, clusters);
  const b = sumsOf(truth, options.second, clusters);
  const n = truth.length;
  const about = "empirical AUC, Obuchowski (clustered)";
  const [first, second] = [describe(a, n, about), describe(b, n, about)];
  const sides = { first, second };
  const untested = { covariance: null, standardError: null, z: null, p: null };
  if (first.auc.estimate === null || second.auc.estimate === null) {
    const reason = first.auc.estimate === null ? first.auc.reason : "the second area is not estimable";
    return { ...sides, ...untested, difference: notEstimable({ reason, method, n }) };
  }
  const estimate = first.auc.estimate - second.auc.estimate;
  if (first.variance === null || second.variance === null) {
    const caution = "the variance needs two clusters of each class";
    return { ...sides, ...untested, difference: { estimate, lower: null, upper: null, method, n, caution } };
  }
  const covariance = covarianceOf(a, b);
  const variance = first.variance + second.variance - 2 * covariance;
  if (variance < rounding) {
    const caution = "the variance of the difference is 0: there is no test";
    const difference: Estimate = { estimate, lower: null, upper: null, method, n, caution };
    return { ...sides, covariance, difference, standardError: 0, z: null, p: null };
  }
  const standardError = Math.sqrt(variance);
  const half = z95 * standardError;
  const interval = { estimate, lower: estimate - half, upper: estimate + half };
  const z = estimate / standardError;
  const difference = { ...interval, method, n, ...fewClusters(clusters.count) };
  return { ...sides, covariance, difference, standardError, z, p: normalTwoSidedP(z) };
}

/** Below this, a variance of areas is rounding error. */
const rounding = 1e-18;

interface ClusterSums {
  auc: number | null;
  M: number;
  N: number;
  /** Per cluster: sum of V10 - A over its positive units, of V01 - A over its negative ones. */
  positive: Float64Array;
  negative: Float64Array;
  I: number;
  I10: number;
  I01: number;
}

function sumsOf(truth: readonly number[], score: readonly number[], clusters: Clusters): ClusterSums {
  const components: StructuralComponents = structuralComponents({ truth, score });
  const area = components.auc ?? 0;
  const positive = new Float64Array(clusters.count);
  const negative = new Float64Array(clusters.count);
  const has = [new Uint8Array(clusters.count), new Uint8Array(clusters.count)];
  const next = [0, 0];
  for (const [index, value] of truth.entries()) {
    const cluster = clusters.of[index] ?? 0;
    const [sums, values] = value === 1 ? [positive, components.positives] : [negative, components.negatives];
    const position = next[value] ?? 0;
    sums[cluster] = (sums[cluster] ?? 0) + (values[position] ?? 0) - area;
    next[value] = position + 1;
    has[value]?.fill(1, cluster, cluster + 1);
  }
  const withUnit = (value: 0 | 1) => has[value]?.reduce((sum, one) => sum + one, 0) ?? 0;
  const [M, N] = [components.positives.length, components.negatives.length];
  return { auc: components.auc, M, N, positive, negative, I: clusters.count, I10: withUnit(1), I01: withUnit(0) };
}

function covarianceOf(a: ClusterSums, b: ClusterSums): number {
  const { I, I10, I01, M, N } = a;
  const product = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  const s10 = ((I10 / (I10 - 1)) * product(a.positive, b.positive)) / M;
  const s01 = ((I01 / (I01 - 1)) * product(a.negative, b.negative)) / N;
  const s11 = (I / (I - 1)) * (product(a.positive, b.negative) + product(b.positive, a.negative));
  return s10 / M + s01 / N + s11 / (M * N);
}

function describe(sums: ClusterSums, n: number, method: string): ClusteredAuc {
  const { auc: estimate, I, I10, I01 } = sums;
  const counts = { clusters: I, clustersWithPositive: I10, clustersWithNegative: I01 };
  if (estimate === null) {
    const reason = `there is no ${sums.M === 0 ? "positive" : "negative"} image`;
    return { ...counts, variance: null, auc: notEstimable({ reason, method, n }) };
  }
  if (I10 < 2 || I01 < 2) {
    const caution = "the variance needs two clusters of each class";
    return { ...counts, variance: null, auc: { estimate, lower: null, upper: null, method, n, caution } };
  }
  const variance = Math.max(0, covarianceOf(sums, sums));
  const half = z95 * Math.sqrt(variance);
  const caution = variance === 0 ? { caution: "the variance is 0: the interval is not informative" } : fewClusters(I);
  const [lower, upper] = [Math.max(0, estimate - half), Math.min(1, estimate + half)];
  return { ...counts, variance, auc: { estimate, lower, upper, method, n, ...caution } };
}
