import type { Said } from "../../words";
import { wilsonLimitsOf } from "../counts/proportion";
import { z95 } from "../distributions";
import { checkBinary } from "../input";
import { because, by, type Estimate, type Limits, notEstimable, withoutInterval } from "../types";
import { type Clusters, fewClusters, type Ids, numberClusters } from "./clusters";

export interface ClusteredProportion {
  /** Wilson interval with the effective number of units. */
  proportion: Estimate;
  clusters: number;
  events: number;
  trials: number;
  /** Of the proportion; null with fewer than two clusters. */
  standardError: number | null;
  wald: Limits | null;
  /** Clustered over binomial variance; null when the binomial variance is 0. */
  designEffect: number | null;
  /** trials / design effect. */
  effectiveN: number | null;
}

/**
 * A proportion of units (images) that come in clusters (patients): the ratio estimator.
 *
 * variance = I/(I-1) sum (x_i - p m_i)^2 / M^2 over the I clusters that have a unit (Cochran WG, Sampling Techniques, 1977; Rao JNK,
 * Scott AJ. Biometrics 1992;48:577-585). The interval is Wilson's with n replaced by n / design effect. It assumes independent
 * clusters; with fewer than 40 a caution says so. No unit: not estimable. One cluster: no interval. 0 of n and n of n have no
 * variance to learn from: Wilson's interval with one effective unit a cluster, with a caution.
 * @param options.outcome 1 for an event, 0 for none, one a unit
 * @param options.cluster one id a unit
 * @example clusteredProportion({ outcome: [1, 1, 0, 1], cluster: ["a", "a", "b", "b"] }).designEffect // 1.333
 * @throws StatsError when an outcome is not 0/1 or lengths differ
 */
export function clusteredProportion(options: {
  outcome: ArrayLike<number>;
  cluster: Ids;
  method?: Said;
}): ClusteredProportion {
  const { outcome, cluster, method = by("share") } = options;
  const clusters = numberClusters(cluster, outcome.length);
  const { events, trials } = countByCluster(outcome, clusters);
  const total = events.reduce((sum, value) => sum + value, 0);
  const n = outcome.length;
  const counts = { clusters: clusters.count, events: total, trials: n };
  const none = { ...counts, standardError: null, wald: null, designEffect: null, effectiveN: null };
  if (n === 0) return { ...none, proportion: notEstimable({ reason: because("denominator_zero"), method, n }) };
  const estimate = total / n;
  if (clusters.count < 2) {
    const caution = because("one_cluster");
    return { ...none, proportion: { estimate, lower: null, upper: null, method, n, caution } };
  }
  const spread =
    ((clusters.count / (clusters.count - 1)) *
      trials.reduce((sum, m, i) => sum + ((events[i] ?? 0) - estimate * m) ** 2, 0)) /
    (n * n);
  const binomial = (estimate * (1 - estimate)) / n;
  const variance = spread < rounding * binomial ? 0 : spread;
  if (binomial === 0) {
    const [lower, upper] = wilsonLimitsOf(estimate, clusters.count);
    const caution = because("no_variation");
    return { ...none, standardError: 0, proportion: { estimate, lower, upper, method, n, caution } };
  }
  const standardError = Math.sqrt(variance);
  const designEffect = variance / binomial;
  const wald: Limits = [estimate - z95 * standardError, estimate + z95 * standardError];
  const known = { ...counts, standardError, wald, designEffect };
  if (variance === 0) {
    const caution = because("clusters_same_share");
    return { ...known, effectiveN: null, proportion: withoutInterval({ estimate, method, n, caution }) };
  }
  const effectiveN = n / designEffect;
  const [lower, upper] = wilsonLimitsOf(estimate, effectiveN);
  const proportion = { estimate, lower, upper, method, n, ...fewClusters(clusters.count) };
  return { ...known, effectiveN, proportion };
}

/** A design effect below this is rounding error. */
const rounding = 1e-20;

function countByCluster(outcome: ArrayLike<number>, clusters: Clusters) {
  const events = new Float64Array(clusters.count);
  const trials = new Float64Array(clusters.count);
  checkBinary({ outcome });
  for (const [index, cluster] of clusters.of.entries()) {
    events[cluster] = (events[cluster] ?? 0) + (outcome[index] ?? 0);
    trials[cluster] = (trials[cluster] ?? 0) + 1;
  }
  return { events, trials };
}
