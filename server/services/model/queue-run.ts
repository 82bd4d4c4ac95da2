import { randomUUID } from "node:crypto";
import { type Regimen, regimen } from "@/core/protocol/regimen";
import type { Tx } from "@/db/actor";
import { modelRun } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { enqueue } from "@/server/jobs";

/**
 * Puts a run on a snapshot into the queue, in the transaction that asks for it.
 * @throws ZodError when the regimen is not one that can be read again
 */
export async function queueRun(
  tx: Tx,
  actor: StudyActor,
  options: {
    snapshotId: string;
    config: Regimen;
    /** Jobs that are queued in one transaction are taken in the order of their ids. */
    jobId?: string;
    sweepId?: string;
    companionOf?: string;
    detail: object;
  },
): Promise<string> {
  const { snapshotId, config, jobId = randomUUID(), sweepId, companionOf, detail } = options;
  const [run] = await tx
    .insert(modelRun)
    .values({ studyId: actor.studyId, snapshotId, config: regimen.parse(config), jobId, sweepId, companionOf })
    .returning({ id: modelRun.id });
  if (!run) throw new AppError("unavailable", { key: "errors.run_not_saved" });
  await enqueue(tx, "train", jobId, { runId: run.id, studyId: actor.studyId });
  await record(tx, "run.queued", { entity: "model_run", entityId: run.id, detail: { ...detail } });
  return run.id;
}
