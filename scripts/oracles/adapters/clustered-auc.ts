import { z } from "zod";
import {
  aucClusterJackknife,
  type ClusteredAuc,
  clusteredAuc,
  compareClusteredAuc,
} from "@/core/stats/clustered/clustered-auc";
import { clusterOf, defineAdapter, scored } from "../context";

export const adapter = defineAdapter(
  z.strictObject({ dataset: z.string(), cluster: z.string(), score: z.string(), score2: z.string().optional() }),
  (input, context) => {
    const data = scored(context, input.dataset, input.score);
    const cluster = clusterOf(context, input.dataset, input.cluster);
    const area = clusteredAuc({ ...data, cluster });
    const first = {
      clusters: area.clusters,
      clusters_with_positive: area.clustersWithPositive,
      clusters_with_negative: area.clustersWithNegative,
      n_pos: data.truth.filter((value) => value === 1).length,
      n_neg: data.truth.filter((value) => value === 0).length,
      first: written(area),
      cluster_jackknife_se: aucClusterJackknife({ ...data, cluster }),
    };
    if (input.score2 === undefined) return first;
    const test = compareClusteredAuc({
      truth: data.truth,
      first: data.score,
      second: scored(context, input.dataset, input.score2).score,
      direction: "higher",
      cluster,
      tail: "two-sided",
    });
    return {
      ...first,
      second: written(test.second),
      cov: test.covariance,
      difference: test.difference.estimate,
      se_difference: test.standardError,
      z: test.statistic,
      p: test.normal?.p ?? null,
      ci95_difference: test.normal?.limits ?? [null, null],
    };
  },
);

const written = (area: ClusteredAuc) => ({
  auc: area.auc.estimate,
  var: area.variance,
  se: area.variance === null ? null : Math.sqrt(area.variance),
  ci95: area.unclipped ?? [null, null],
  S10: area.s10,
  S01: area.s01,
  S11: area.s11,
  naive_delong_se: area.naiveStandardError,
  design_effect: area.designEffect,
});
