import { randomUUID } from "node:crypto";
import { freezeSweep } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { SweepInput } from "@/server/schemas/model";
import { findLabelledCrops } from "@/server/services/dataset/find-labelled-crops";
import { freezeSnapshot } from "@/server/services/dataset/freeze-snapshot";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { queueRun } from "./queue-run";
import { regimenFor } from "./regimen-for";
import { splitForTraining } from "./split-for-training";

/** The share of patients that a sweep sets aside where the regimen sets none aside: a depth is never chosen on the images that are scored. */
const leastTuningFraction = 0.1;

/**
 * Queues a run for each depth of freezing, in this order, all on one snapshot with one tuning part a fold, so that they differ in the depth alone.
 * @throws AppError as `queueTraining` does, and when a depth is named twice
 */
export async function queueSweep(
  actor: StudyActor,
  { depths, ...changes }: SweepInput,
): Promise<{ sweepId: string; runIds: string[] }> {
  if (new Set(depths).size < depths.length)
    throw new AppError("invalid", { key: "errors.depth_twice", values: { depths: depths.join(", ") } });
  const { network, crops } = await withActor(actor, async (tx) => {
    const { document } = await studyProtocol(tx, actor);
    return { network: document.network, crops: await findLabelledCrops(tx, actor) };
  });
  const asked = { ...changes, trainable: "network" as const };
  const fraction = changes.tuningFraction ?? (network.trainable === "network" ? network.tuningFraction : 0);
  const configs = depths.map((frozen) =>
    regimenFor(network, { ...asked, frozen, tuningFraction: fraction || leastTuningFraction }),
  );
  const [first] = configs;
  if (!first) throw new AppError("invalid", { key: "errors.depths_none" });
  const split = await splitForTraining(actor, crops, first);
  return withActor(actor, async (tx) => {
    const { snapshotId } = await freezeSnapshot(tx, actor, split);
    const [sweep] = await tx
      .insert(freezeSweep)
      .values({ studyId: actor.studyId, snapshotId })
      .returning({ id: freezeSweep.id });
    if (!sweep) throw new AppError("unavailable", { key: "errors.sweep_not_saved" });
    const queueIds = configs.map(() => randomUUID()).sort();
    const runIds: string[] = [];
    for (const [index, config] of configs.entries()) {
      const queueId = queueIds[index];
      runIds.push(await queueRun(tx, actor, { snapshotId, config, queueId, sweepId: sweep.id }));
    }
    return { sweepId: sweep.id, runIds };
  });
}
