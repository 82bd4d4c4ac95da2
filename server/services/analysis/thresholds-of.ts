import type { Regimen } from "@/core/protocol/regimen";
import type { JudgedImage } from "@/server/services/model/scored-images";

/** The thresholds of the folds' models; none where all are the regimen's. */
export function thresholdsOf({ config }: { config: Regimen }, scores: readonly JudgedImage[]) {
  const byFold = new Map(scores.map(({ fold, threshold }) => [fold, threshold]));
  if ([...byFold.values()].every((threshold) => threshold === config.threshold)) return [];
  return [...byFold].map(([fold, threshold]) => ({ fold, threshold })).sort((a, b) => a.fold - b.fold);
}
