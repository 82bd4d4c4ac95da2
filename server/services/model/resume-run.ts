import type { Tx } from "@/db/actor";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { resumeJob } from "@/server/jobs";

/** Takes a failed or cancelled run up again, from its last checkpoint. @throws AppError "conflict" when it is neither */
export async function resumeRun(tx: Tx, actor: StudyActor, { runId }: { runId: string }): Promise<void> {
  if (!(await resumeJob(tx, actor, { kind: "train", jobId: runId })))
    throw new AppError("conflict", { key: "errors.run_not_stopped" });
  await record(tx, "run.resumed", { entity: "model_run", entityId: runId });
}
