import { z } from "zod";
import { bootstrapOf } from "@/core/stats/clustered/bootstrap";
import { rankScores, weightedAuc } from "@/core/stats/roc/ranked-scores";
import { clusterOf, defineAdapter, scored } from "../context";

const input = z.strictObject({
  dataset: z.string(),
  score: z.string(),
  score2: z.string().optional(),
  cluster: z.string().optional(),
  units_order: z.literal("ids in order of first appearance, 0-based"),
  resamples: z.array(z.array(z.number())),
});

export const adapter = defineAdapter(input, ({ dataset, score, score2, cluster, resamples }, context) => {
  const data = scored(context, dataset, score);
  const first = rankScores(data);
  const second = score2 === undefined ? null : rankScores(scored(context, dataset, score2));
  const result = bootstrapOf({
    n: data.truth.length,
    cluster: cluster === undefined ? null : clusterOf(context, dataset, cluster),
    statistic: (weights) => {
      const [a, b] = [weightedAuc(first, weights), second ? weightedAuc(second, weights) : 0];
      return a === null || b === null ? null : a - b;
    },
    resamples,
  });
  if (result.estimate === null) return null;
  return {
    statistic: result.estimate,
    replicates: result.replicates,
    mean: result.mean,
    se: result.standardError,
    bias: result.bias,
    percentile95: result.percentile,
    basic95: result.basic,
    bca: result.bca && {
      z0: result.bca.z0,
      acceleration: result.bca.acceleration,
      alpha: result.bca.alpha,
      ci95: result.bca.limits,
    },
  };
});
