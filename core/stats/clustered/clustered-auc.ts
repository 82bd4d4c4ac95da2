import type { Said } from "../../words";
import { normalP, studentP, z95 } from "../distributions";
import { logitLimits } from "../roc/auc";
import { rankScores, weightedAuc } from "../roc/ranked-scores";
import { type StructuralComponents, sampleVariance, structuralComponents } from "../roc/structural-components";
import {
  because,
  by,
  type Estimate,
  type Limits,
  type PairedScores,
  type Scored,
  type Tail,
  together,
  withoutInterval,
} from "../types";
import { type ClusterSums, clusteredCovariance, clusterSums, differenceOfSums } from "./auc-covariance";
import { type Clusters, fewClusters, type Ids, numberClusters, quantileOfClusters } from "./clusters";
import { jackknifeStandardError } from "./jackknife";

export interface ClusteredAuc {
  /** Obuchowski's variance, interval on the logit scale with t on the clusters of the smaller class less one. */
  auc: Estimate;
  clusters: number;
  clustersWithPositive: number;
  clustersWithNegative: number;
  /** Null, like all that follows, when a class lies within one cluster. */
  variance: number | null;
  s10: number | null;
  s01: number | null;
  s11: number | null;
  /** AUC ± z SE as it comes: too narrow with few clusters and near 1. */
  unclipped: Limits | null;
  /** DeLong's standard error, which takes units as independent. */
  naiveStandardError: number | null;
  /** Clustered over DeLong's variance; null when that is 0. */
  designEffect: number | null;
}

export interface ClusteredAucComparison {
  first: ClusteredAuc;
  second: ClusteredAuc;
  covariance: number | null;
  /** AUC of the first less AUC of the second, interval with t on the clusters of the smaller class less one, not clipped. */
  difference: Estimate;
  standardError: number | null;
  /** Difference over its standard error; null, like both P, when the variance is 0 or not estimable. */
  statistic: number | null;
  /** From t on the clusters of the smaller class less one. */
  p: number | null;
  /** Obuchowski's own: interval and P of the normal distribution, for many clusters. */
  normal: { limits: Limits; p: number } | null;
}

const tooFew = because("two_clusters_a_class");

/**
 * Area under the empirical ROC curve of units (images) that come in clusters (patients), which may hold both classes.
 *
 * Obuchowski NA. Biometrics 1997;53:567-578: with V10 and V01 the structural components summed by cluster, M positive and N negative
 * units, I clusters, I10 and I01 with a positive and a negative unit: S10 = I10/((I10-1) M) sum (V10_i - m_i A)^2, S01 likewise,
 * S11 = I/(I-1) sum (V10_i - m_i A)(V01_i - n_i A), variance = S10/M + S01/N + 2 S11/(M N). One unit a cluster: DeLong's. The
 * interval is on the logit scale with t on min(I10, I01) - 1 degrees of freedom, the clusters of the smaller class: by simulation (VALIDATION.md)
 * it covers better than AUC ± 1.96 SE, above all near 1 and with few clusters; without variance (an area of 0 or 1, a constant score) there is
 * none. Ties count 1/2. Clusters are independent; with fewer than 40 of a class a caution says so, as for an area of .97 or more. A class within
 * one cluster has no interval.
 * @example clusteredAuc({ truth: [0, 1, 0, 1], score: [1, 2, 3, 4], direction: "higher", cluster: ["a", "a", "b", "b"] }).auc.estimate // 0.75
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score is not finite
 */
export function clusteredAuc(options: Scored & { cluster: Ids; method?: Said }): ClusteredAuc {
  return clusteredArea({ ...options, components: structuralComponents(options) });
}

/** The same from the structural components of the area. */
export function clusteredArea(options: {
  truth: ArrayLike<number>;
  components: StructuralComponents;
  cluster: Ids;
  method?: Said;
}): ClusteredAuc {
  const { truth, components, cluster, method = by("auc_obuchowski") } = options;
  return describe(components, clusterSums(components, truth, numberClusters(cluster, truth.length)), method);
}

/**
 * Two correlated areas on the same clustered units: Obuchowski's covariance, S10_12/M + S01_12/N + (S11_12 + S11_21)/(M N).
 *
 * (AUC1 - AUC2) / SE against t on the clusters of the smaller class less one, and against the normal distribution. Assumptions and edge cases as in
 * `clusteredAuc`; a variance of 0 (identical rankings): no test.
 * @param options.tail `greater`: the first area exceeds the second
 * @example compareClusteredAuc({ truth: [0, 1, 0, 1], first: [1, 2, 3, 4], second: [1, 3, 2, 4], direction: "higher", cluster: [1, 1, 2, 2], tail: "two-sided" }).difference.estimate // -0.25
 * @throws StatsError as `clusteredAuc`
 */
export function compareClusteredAuc(
  options: PairedScores & { cluster: Ids; tail: Tail; method?: Said },
): ClusteredAucComparison {
  const { truth, direction } = options;
  const first = structuralComponents({ truth, score: options.first, direction, name: "first" });
  const second = structuralComponents({ truth, score: options.second, direction, name: "second" });
  return compareClusteredComponents({ ...options, first, second });
}

/** The same from the structural components of the two areas. */
export function compareClusteredComponents(options: {
  truth: ArrayLike<number>;
  first: StructuralComponents;
  second: StructuralComponents;
  cluster: Ids;
  tail: Tail;
  method?: Said;
}): ClusteredAucComparison {
  const { truth, first: ofFirst, second: ofSecond, cluster, tail } = options;
  const { method = by("auc_difference_obuchowski") } = options;
  const clusters: Clusters = numberClusters(cluster, truth.length);
  const [a, b] = [clusterSums(ofFirst, truth, clusters), clusterSums(ofSecond, truth, clusters)];
  const about = by("auc_obuchowski");
  const [first, second] = [describe(ofFirst, a, about), describe(ofSecond, b, about)];
  const difference = { estimate: ofFirst.auc - ofSecond.auc, method, n: truth.length };
  if (first.variance === null || second.variance === null) {
    const untested = { covariance: null, standardError: null, statistic: null, p: null, normal: null };
    return { first, second, ...untested, difference: withoutInterval({ ...difference, caution: tooFew }) };
  }
  const covariance = clusteredCovariance(a, b).total;
  const contrast = differenceOfSums(a, b);
  const ofSmallerClass = Math.min(a.I10, a.I01);
  const variance = clusteredCovariance(contrast, contrast).total;
  if (variance < rounding) {
    const caution = because("difference_no_test");
    const none = { standardError: 0, statistic: null, p: null, normal: null };
    return { first, second, covariance, difference: withoutInterval({ ...difference, caution }), ...none };
  }
  const standardError = Math.sqrt(variance);
  const limits = (quantile: number): Limits => [
    difference.estimate - quantile * standardError,
    difference.estimate + quantile * standardError,
  ];
  const [lower, upper] = limits(quantileOfClusters(ofSmallerClass));
  const statistic = difference.estimate / standardError;
  return {
    first,
    second,
    covariance,
    difference: { ...difference, lower, upper, ...cautionOf(ofSmallerClass, ofFirst.auc, ofSecond.auc) },
    standardError,
    statistic,
    p: studentP(statistic, ofSmallerClass - 1, tail),
    normal: { limits: limits(z95), p: normalP(statistic, tail) },
  };
}

/**
 * Standard error of an area by leaving out one cluster at a time (`jackknifeStandardError`). Null when a class lies within one
 * cluster.
 * @example aucClusterJackknife({ truth: [0, 1, 0, 1, 1], score: [1, 2, 3, 4, 2], direction: "higher", cluster: [1, 1, 2, 2, 3] }) // 0.2887
 * @throws StatsError as `clusteredAuc`
 */
export function aucClusterJackknife(options: Scored & { cluster: Ids }): number | null {
  const ranked = rankScores(options);
  const clusters = numberClusters(options.cluster, options.truth.length);
  const without = Array.from({ length: clusters.count }, (_, left) =>
    weightedAuc(
      ranked,
      clusters.of.map((cluster) => (cluster === left ? 0 : 1)),
    ),
  );
  return jackknifeStandardError(without);
}

/** Below this, a variance from sums of shares is rounding error. */
const rounding = 1e-28;

/** From here on to 1 (and as near to 0) intervals are too narrow by simulation: too few pairs are out of order. */
const nearPerfect = 0.97;

function cautionOf(clusters: number, ...areas: number[]): { caution?: Said } {
  const isNear = areas.some((area) => Math.max(area, 1 - area) >= nearPerfect);
  const caution = together([isNear ? because("area_near_edge") : undefined, fewClusters(clusters).caution]);
  return caution ? { caution } : {};
}

function describe({ auc, positives, negatives }: StructuralComponents, sums: ClusterSums, method: Said): ClusteredAuc {
  const { I, I10, I01, M, N } = sums;
  const counts = { clusters: I, clustersWithPositive: I10, clustersWithNegative: I01 };
  const n = M + N;
  if (I10 < 2 || I01 < 2) {
    const none = { variance: null, s10: null, s01: null, s11: null, unclipped: null };
    const area = withoutInterval({ estimate: auc, method, n, caution: tooFew });
    return { auc: area, ...counts, ...none, naiveStandardError: null, designEffect: null };
  }
  const { s10, s01, s11, total } = clusteredCovariance(sums, sums);
  const variance = total < rounding ? 0 : total;
  const half = z95 * Math.sqrt(variance);
  const naive = sampleVariance(positives) / M + sampleVariance(negatives) / N;
  const ofSmallerClass = Math.min(I10, I01);
  const limits = logitLimits(auc, variance, quantileOfClusters(ofSmallerClass));
  const area: Estimate = limits
    ? { estimate: auc, lower: limits[0], upper: limits[1], method, n, ...cautionOf(ofSmallerClass, auc) }
    : withoutInterval({ estimate: auc, method, n, caution: because("variance_zero_no_interval") });
  return {
    auc: area,
    ...counts,
    variance,
    s10,
    s01,
    s11,
    unclipped: [auc - half, auc + half],
    naiveStandardError: Math.sqrt(naive),
    designEffect: naive === 0 ? null : variance / naive,
  };
}
