import { z } from "zod";
import { auc } from "@/core/stats/roc/auc";
import { precisionRecall } from "@/core/stats/roc/precision-recall";
import { defineAdapter, scored } from "../context";

export const adapter = defineAdapter(z.strictObject({ dataset: z.string(), score: z.string() }), (input, context) => {
  const data = scored(context, input.dataset, input.score);
  const { points, averagePrecision, trapezoid, prevalence } = precisionRecall(data);
  return {
    average_precision: averagePrecision.estimate,
    prevalence,
    trapezoid_pr_auc_sklearn: trapezoid,
    n_points_distinct_thresholds: points.length,
    roc_auc: auc(data).auc.estimate,
    points: {
      threshold: points.map(({ threshold }) => threshold),
      precision: points.map(({ precision }) => precision),
      recall: points.map(({ recall }) => recall),
    },
  };
});
