import { z } from "zod";
import { bestCutoffs, type Cutoff } from "@/core/stats/roc/cutoff";
import { defineAdapter, scored } from "../context";

export const adapter = defineAdapter(z.strictObject({ dataset: z.string(), score: z.string() }), (input, context) => {
  const data = scored(context, input.dataset, input.score);
  const { youden, topLeft } = bestCutoffs(data);
  const levels = [...new Set(data.score)].sort((a, b) => a - b);
  // pROC cuts midway between a score and the next lower one.
  const midway = ({ threshold }: Cutoff) => {
    const below = levels[levels.indexOf(threshold) - 1];
    return below === undefined ? "-Inf" : (threshold + below) / 2;
  };
  return {
    youden_j: youden.j,
    optimal: youden.cutoffs.map(written),
    closest_topleft_distance2: topLeft.distanceSquared,
    closest_topleft: topLeft.cutoffs.map(written),
    // At J = 0 calling nobody positive is as good.
    proc_thresholds: [...youden.cutoffs.map(midway), ...(youden.j < 1e-12 ? ["Inf"] : [])],
  };
});

const written = ({ threshold, sensitivity, specificity }: Cutoff) => ({ cutoff: threshold, sensitivity, specificity });
