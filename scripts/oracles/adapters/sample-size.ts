import { z } from "zod";
import {
  designEffect,
  effectiveN,
  imagesForAccuracy,
  imagesForAucAgainstChance,
  imagesForAucPower,
  imagesForAucPrecision,
  inflate,
  pairsForMcNemar,
  powerOfAucAgainstChance,
} from "@/core/stats/design/sample-size";
import { defineAdapter } from "../context";

const input = z.discriminatedUnion("method", [
  z.strictObject({
    method: z.literal("buderer"),
    expected: z.number(),
    half_width: z.number(),
    prevalence: z.number(),
    confidence: z.number(),
  }),
  z.strictObject({
    method: z.literal("hanley_mcneil_precision"),
    auc: z.number(),
    half_width: z.number(),
    negatives_per_positive: z.number(),
    confidence: z.number(),
  }),
  z.strictObject({
    method: z.literal("hanley_mcneil_power"),
    auc1: z.number(),
    auc0: z.number(),
    alpha: z.number(),
    power: z.number(),
    negatives_per_positive: z.number(),
  }),
  z.strictObject({
    method: z.literal("obuchowski_2004_one_roc"),
    auc: z.number(),
    alpha: z.number(),
    power: z.number(),
    kappa_controls_per_case: z.number(),
  }),
  z.strictObject({
    method: z.literal("obuchowski_2004_power"),
    auc: z.number(),
    ncases: z.number(),
    ncontrols: z.number(),
    alpha: z.number(),
  }),
  z.strictObject({
    method: z.literal("connor_mcnemar"),
    p_only_first: z.number(),
    p_only_second: z.number(),
    alpha: z.number(),
    power: z.number(),
  }),
  z.strictObject({
    method: z.literal("design_effect"),
    n: z.number(),
    mean_cluster_size: z.number(),
    icc: z.number(),
  }),
]);

export const adapter = defineAdapter(input, (design) => {
  switch (design.method) {
    case "buderer": {
      const { expected: share, half_width: halfWidth, prevalence, confidence } = design;
      const size = imagesForAccuracy({ share, halfWidth, prevalence, confidence });
      return {
        n_class: size.unrounded,
        n_class_ceil: size.ofClass,
        n_total_if_sensitivity: size.totalForSensitivity,
        n_total_if_specificity: size.totalForSpecificity,
      };
    }
    case "hanley_mcneil_precision": {
      const { auc, half_width: halfWidth, negatives_per_positive: negativesPerPositive, confidence } = design;
      const size = imagesForAucPrecision({ auc, halfWidth, negativesPerPositive, confidence });
      return { n_pos: size.positives, n_neg: size.negatives, se: size.standardError, half_width: size.halfWidth };
    }
    case "hanley_mcneil_power": {
      const { auc1, auc0, alpha, power, negatives_per_positive: negativesPerPositive } = design;
      const size = imagesForAucPower({ auc1, auc0, alpha, power, negativesPerPositive });
      return { n_pos: size.positives, n_neg: size.negatives };
    }
    case "obuchowski_2004_one_roc": {
      const { auc, alpha, power, kappa_controls_per_case: negativesPerPositive } = design;
      const { unrounded } = imagesForAucAgainstChance({ auc, alpha, power, negativesPerPositive });
      return { ncases: unrounded.positives, ncontrols: unrounded.negatives };
    }
    case "obuchowski_2004_power": {
      const { auc, ncases: positives, ncontrols: negatives, alpha } = design;
      return { power: powerOfAucAgainstChance({ auc, positives, negatives, alpha }) };
    }
    case "connor_mcnemar": {
      const { p_only_first: onlyFirst, p_only_second: onlySecond, alpha, power } = design;
      const size = pairsForMcNemar({ onlyFirst, onlySecond, alpha, power });
      return { n_pairs: size.unrounded, n_pairs_ceil: size.pairs };
    }
    case "design_effect": {
      const { n, mean_cluster_size: meanClusterSize, icc } = design;
      const clusters = { meanClusterSize, icc };
      return {
        design_effect: designEffect(clusters),
        n_inflated: inflate({ n, ...clusters }),
        effective_n: effectiveN({ n, ...clusters }),
      };
    }
  }
});
