import { z } from "zod";
import { unpairedDeLong } from "@/core/stats/roc/unpaired-delong";
import { defineAdapter, limitsOf, scored } from "../context";

export const adapter = defineAdapter(
  z.strictObject({ dataset1: z.string(), score1: z.string(), dataset2: z.string(), score2: z.string() }),
  (input, context) => {
    const test = unpairedDeLong({
      first: scored(context, input.dataset1, input.score1),
      second: scored(context, input.dataset2, input.score2),
      tail: "two-sided",
    });
    return {
      auc1: test.first.estimate,
      auc2: test.second.estimate,
      difference: test.difference.estimate,
      se_difference: test.standardError,
      statistic: test.statistic,
      df: test.df,
      p_t: test.pStudent,
      p_z: test.pNormal,
      ci95_z: limitsOf(test.difference),
    };
  },
);
