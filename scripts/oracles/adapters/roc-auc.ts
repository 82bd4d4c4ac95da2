import { z } from "zod";
import { auc, aucAgainstChance } from "@/core/stats/roc/auc";
import { partialAuc } from "@/core/stats/roc/partial-auc";
import { rocPoints } from "@/core/stats/roc/roc-points";
import { defineAdapter, limitsOf, scored } from "../context";

export const adapter = defineAdapter(z.strictObject({ dataset: z.string(), score: z.string() }), (input, context) => {
  const data = scored(context, input.dataset, input.score);
  const area = auc(data);
  const againstChance = aucAgainstChance({ ...data, tail: "two-sided" });
  const points = rocPoints(data);
  const over = (axis: "specificity" | "sensitivity", from: number) => {
    const { raw, corrected } = partialAuc({ ...data, over: axis, from, to: 1 });
    return { raw, corrected_mcclish: corrected };
  };
  const sum = (of: (point: { fpr: number; tpr: number }) => number) =>
    points.reduce((total, point) => total + of(point), 0);
  return {
    n_pos: area.positives,
    n_neg: area.negatives,
    auc: area.auc.estimate,
    delong_var: area.variance,
    delong_se: area.variance === null ? null : Math.sqrt(area.variance),
    ci95_wald_unclipped: area.unclipped ?? [null, null],
    ci95_delong: limitsOf(area.auc),
    ci95_delong_logit: area.logit ?? [null, null],
    z_vs_half: againstChance?.z ?? null,
    p_vs_half: againstChance?.p ?? null,
    hanley_mcneil_se: area.hanleyMcNeil,
    mann_whitney_u: area.mannWhitneyU,
    gini: area.gini,
    partial_auc: {
      spec_90_100: over("specificity", 0.9),
      spec_80_100: over("specificity", 0.8),
      sens_90_100: over("sensitivity", 0.9),
    },
    roc_points: {
      threshold: points.map(({ threshold }) => threshold ?? "Inf"),
      fpr: points.map(({ fpr }) => fpr),
      tpr: points.map(({ tpr }) => tpr),
    },
    roc_points_summary: {
      n_points: points.length,
      sum_fpr: sum(({ fpr }) => fpr),
      sum_tpr: sum(({ tpr }) => tpr),
    },
  };
});
