import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { TrainInput } from "@/server/schemas/model";
import { freezeSnapshot } from "@/server/services/dataset/freeze-snapshot";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { queueRun } from "./queue-run";
import { regimenFor } from "./regimen-for";

/**
 * Freezes the labelled crops with their folds as a snapshot and queues a training on it, in one transaction.
 * @throws AppError "conflict" before the lock, "invalid" when the data cannot be split or the regimen cannot be trained
 */
export async function queueTraining(tx: Tx, actor: StudyActor, changes: TrainInput): Promise<{ runId: string }> {
  const { document } = await studyProtocol(tx, actor);
  const config = regimenFor(document.network, changes);
  const { snapshotId, sha256, images } = await freezeSnapshot(tx, actor, config);
  const { folds, seed, splitUnit } = config;
  return {
    runId: await queueRun(tx, actor, {
      snapshotId,
      config,
      detail: { images, folds, seed, splitUnit, snapshot: sha256 },
    }),
  };
}
