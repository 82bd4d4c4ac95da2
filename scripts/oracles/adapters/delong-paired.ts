import { z } from "zod";
import { pairedDeLong } from "@/core/stats/roc/delong";
import { defineAdapter, limitsOf, scored } from "../context";

export const adapter = defineAdapter(
  z.strictObject({ dataset: z.string(), score1: z.string(), score2: z.string() }),
  (input, context) => {
    const { truth, score: first, direction } = scored(context, input.dataset, input.score1);
    const { score: second } = scored(context, input.dataset, input.score2);
    const test = pairedDeLong({ truth, first, second, direction, tail: "two-sided" });
    return {
      auc1: test.first,
      auc2: test.second,
      difference: test.difference.estimate,
      var1: test.firstVariance,
      var2: test.secondVariance,
      cov: test.covariance,
      se_difference: test.standardError,
      z: test.z,
      p: test.p,
      ci95_difference: limitsOf(test.difference),
    };
  },
);
