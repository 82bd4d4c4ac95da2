import { compareNetworks } from "@/core/stats/comparison/networks";
import { by, type Estimate, notEstimable } from "@/core/stats/types";
import type { Said } from "@/core/words";
import type { Run } from "@/server/schemas/model";
import type { JudgedImage } from "./scored-images";

interface JudgedRun {
  run: Pick<Run, "config">;
  images: readonly JudgedImage[];
}

/**
 * AUC of a run less that of another on the images that both scored, paired and clustered by patient. A control has none, but the reason: it is
 * judged by labels of its own, and areas are paired only under one truth.
 */
export function differenceOfRuns(
  first: JudgedRun,
  second: JudgedRun,
): { n: number; difference: Estimate; p: number | null } {
  if (!first.run.config.shuffledLabels && !second.run.config.shuffledLabels)
    return compareNetworks(first.images, second.images);
  const ids = new Set(first.images.map(({ id }) => id));
  const n = second.images.filter(({ id }) => ids.has(id)).length;
  const reason: Said = { key: "model.reason.control" };
  return { n, difference: notEstimable({ reason, method: by("two_truths"), n }), p: null };
}
