import { foldNumber } from "@/core/network/folds";
import type { Regimen } from "@/core/protocol/regimen";
import type { JudgedImage } from "@/server/services/model/scored-images";

/** The thresholds of the folds' models, folds counted from 1; none where all are the regimen's. */
export function thresholdsOf({ config }: { config: Regimen }, scores: readonly JudgedImage[]) {
  const byFold = new Map(scores.map(({ fold, threshold }) => [fold, threshold]));
  if ([...byFold.values()].every((threshold) => threshold === config.threshold)) return [];
  return [...byFold].sort(([a], [b]) => a - b).map(([fold, threshold]) => ({ fold: foldNumber(fold), threshold }));
}
