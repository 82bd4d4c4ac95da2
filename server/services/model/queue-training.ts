import { type StudyActor, withActor } from "@/server/door";
import type { TrainInput } from "@/server/schemas/model";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { freezeSnapshot } from "@/server/services/dataset/freeze-snapshot";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { queueRun } from "./queue-run";
import { regimenFor } from "./regimen-for";
import { splitForTraining } from "./split-for-training";

/**
 * Splits the labelled crops, outside any transaction, then freezes them with their folds as a snapshot and queues a training on it, both or neither.
 * @throws AppError "conflict" before the lock, "invalid" when the data cannot be split or the regimen cannot be trained
 */
export async function queueTraining(actor: StudyActor, changes: TrainInput): Promise<{ runId: string }> {
  const { config, crops } = await withActor(actor, async (tx) => {
    const { document } = await studyProtocol(tx, actor);
    return { config: regimenFor(document.network, changes), crops: await findLabelledCrops(tx, actor) };
  });
  const split = await splitForTraining(actor, crops, config);
  return withActor(actor, async (tx) => {
    const { snapshotId } = await freezeSnapshot(tx, actor, split);
    return { runId: await queueRun(tx, actor, { snapshotId, config }) };
  });
}
