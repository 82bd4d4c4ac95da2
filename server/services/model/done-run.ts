import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { Run } from "@/server/schemas/model";
import { findRuns } from "./find-runs";

/**
 * A run that is done.
 * @throws AppError "not_found" without such a run in the study, "conflict" while it is not done
 */
export async function doneRun(tx: Tx, actor: StudyActor, runId: string): Promise<Run> {
  const [run] = await findRuns(tx, actor, { runId });
  if (!run) throw new AppError("not_found", { key: "errors.run_unknown", values: { run: runId } });
  if (run.state !== "done")
    throw new AppError("conflict", { key: "errors.run_not_done", values: { run: runId, state: run.state } });
  return run;
}
