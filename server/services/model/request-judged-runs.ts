import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { requestAnalysis } from "@/server/services/computation/request-analysis";
import { doneRun } from "./done-run";
import { questionOfRuns } from "./question-of-runs";

/**
 * Has the worker compute what runs are worth, each alone and beside the others, once (`requestAnalysis`).
 * @returns the analysis, whose id is its job's
 * @throws AppError "not_found" when a run is not of this study, "conflict" while one is not done
 */
export async function requestJudgedRuns(
  tx: Tx,
  actor: StudyActor,
  { runIds }: { runIds: readonly string[] },
): Promise<{ analysisId: string }> {
  return requestAnalysis(tx, actor, await questionOfRuns(tx, actor, runIds), async () => {
    for (const runId of runIds) await doneRun(tx, actor, runId);
  });
}
