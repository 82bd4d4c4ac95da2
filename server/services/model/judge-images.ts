import { judgeNetwork } from "@/core/stats/comparison/networks";
import type { Estimate } from "@/core/stats/types";
import type { Said } from "@/core/words";
import type { RunResult } from "@/server/schemas/model";
import type { JudgedImage } from "./scored-images";
import { withCautions } from "./with-cautions";

/** Scores against the reference standard: what a page, a card or a sweep says of a run. Pure. */
export function judgeImages(images: readonly JudgedImage[], cautions: readonly Said[]): RunResult {
  const { n, tp, fn, tn, fp, auc, sensitivity, specificity, accuracy } = judgeNetwork(images);
  const careful = (estimate: Estimate) => withCautions(estimate, cautions);
  return {
    n,
    patients: new Set(images.map(({ subject }) => subject)).size,
    positive: tp + fn,
    tp,
    fn,
    tn,
    fp,
    auc: careful(auc),
    sensitivity: careful(sensitivity),
    specificity: careful(specificity),
    accuracy: careful(accuracy),
  };
}
