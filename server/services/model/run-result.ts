import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { PendingJudgement, RunResult } from "@/server/schemas/model";
import { doneRun } from "./done-run";
import { findJudgedRuns } from "./find-judged-runs";

/**
 * The figures of a run that is done: its out-of-fold scores against the reference standard, clustered by patient as on the comparison page.
 * Each crop is called by the threshold of the fold that scored it, or by the regimen's where the folds have none.
 * @returns `result` null while it is to be computed
 * @throws AppError "not_found" without such a run, "conflict" while it is not done
 */
export async function runResult(
  tx: Tx,
  actor: StudyActor,
  { runId }: { runId: string },
): Promise<{ result: RunResult | null; pending: PendingJudgement | null }> {
  const run = await doneRun(tx, actor, runId);
  const { results, pending } = await findJudgedRuns(tx, actor, [run.id]);
  return { result: results[0]?.result ?? null, pending };
}
