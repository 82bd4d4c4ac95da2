import { logLoss } from "@/core/network/unit";
import { auc } from "@/core/stats/roc/auc";
import { bestCutoffs } from "@/core/stats/roc/cutoff";
import type { Tf } from "@/worker/engines";
import { openScorer } from "@/worker/scoring/score";
import type { StoredModel } from "@/worker/scoring/stored-model";

/** Images that are scored together. */
const together = 8;

/** What a network says of some pictures: the logit of each, in inference mode. @param pictures of `networkInputOf` */
export async function logitsOf(
  tf: Tf,
  model: Pick<StoredModel, "layers" | "unit" | "input">,
  pictures: readonly Float32Array[],
): Promise<number[]> {
  const scorer = openScorer(tf, model);
  const logits: number[] = [];
  for (let from = 0; from < pictures.length; from += together) {
    logits.push(...(await scorer.logits(pictures.slice(from, from + together))));
  }
  scorer.dispose();
  return logits;
}

/** How good some logits are. */
export interface Figure {
  /** Mean binary cross-entropy. */
  loss: number;
  /** Null with one class. */
  auc: number | null;
  /** The logit with the best sensitivity + specificity; undefined with one class. */
  cutoff: number | undefined;
}

export function figureOf(logits: readonly number[], truth: readonly (0 | 1)[]): Figure {
  const loss = logits.reduce((sum, z, i) => sum + logLoss(z, truth[i] ?? 0), 0) / logits.length;
  if (!Number.isFinite(loss)) return { loss, auc: null, cutoff: undefined };
  const scored = { truth, score: logits, direction: "higher" } as const;
  return { loss, auc: auc(scored).auc.estimate, cutoff: bestCutoffs(scored).youden.cutoffs.at(0)?.threshold };
}
