import { z } from "zod";
import { netBenefit } from "@/core/stats/network/net-benefit";
import { defineAdapter, scored } from "../context";

export const adapter = defineAdapter(
  z.strictObject({ dataset: z.string(), score: z.string(), thresholds: z.array(z.number()) }),
  (input, context) => {
    const { truth, score } = scored(context, input.dataset, input.score);
    const curve = netBenefit({ truth, score, thresholds: input.thresholds });
    return {
      model: curve.map(({ model }) => model),
      treat_all: curve.map(({ treatAll }) => treatAll),
      treat_none: curve.map(({ treatNone }) => treatNone),
    };
  },
);
