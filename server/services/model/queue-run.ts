import { type Regimen, regimen } from "@/core/protocol/regimen";
import type { Tx } from "@/db/actor";
import { modelRun } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { queueJob } from "@/server/jobs";

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
    /** Runs that are queued in one transaction are taken in the order of these. */
    queueId?: string | undefined;
    sweepId?: string;
    companionOf?: string;
  },
): Promise<string> {
  const { snapshotId, config, queueId, sweepId, companionOf } = options;
  const id = await queueJob(tx, actor, { kind: "train", queueId });
  await tx
    .insert(modelRun)
    .values({ id, studyId: actor.studyId, snapshotId, config: regimen.parse(config), sweepId, companionOf });
  return id;
}
