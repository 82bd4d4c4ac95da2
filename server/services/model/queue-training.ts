import { assignFolds } from "@/core/splits/folds";
import { refuseLeakage } from "@/core/splits/leakage";
import type { Tx } from "@/db/actor";
import { datasetItem, datasetSnapshot, modelRun } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { enqueue } from "@/server/jobs";
import type { Regimen } from "@/server/schemas/regimen";
import { labelledCrops } from "@/server/services/analysis/labelled-crops";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/storage";

const rowsPerInsert = 2_000;

/**
 * Freezes the labelled crops with their folds as a snapshot and queues a training on it, in one transaction.
 * The split is by patient; patients who share an image (identical pixels) stay on one side together. The same data, folds and seed
 * give the same snapshot, with the same hash, in every installation.
 * @throws AppError "conflict" before the lock, "invalid" when the data cannot be split
 */
export async function queueTraining(
  tx: Tx,
  actor: StudyActor,
  options: { folds?: number; seed?: number; epochs?: number },
) {
  const { document } = await studyProtocol(tx, actor);
  const crops = await labelledCrops(tx, actor);
  if (crops.length === 0) {
    throw new AppError(
      "conflict",
      "There is no image with a reference standard to train on. Training opens when the database is locked and pathology has reported.",
    );
  }
  const folds = options.folds ?? document.network.folds;
  const seed = options.seed ?? document.network.seed;
  const items = crops.map((crop) => ({
    id: crop.cropId,
    subject: crop.subject,
    truth: crop.truth,
    duplicateKey: crop.pixelSha256,
  }));
  const foldOf = split(items, folds, seed);
  const placed = crops.map((crop, position) => ({ ...crop, position, fold: foldOf.get(crop.cropId) ?? 0 }));
  refuseLeakage(
    placed.map((crop) => ({
      id: crop.cropId,
      subject: crop.subject,
      duplicateKey: crop.pixelSha256,
      fold: crop.fold,
    })),
  );

  const config: Regimen = {
    ...document.network,
    folds,
    seed,
    optimiser: options.epochs ? { ...document.network.optimiser, epochs: options.epochs } : document.network.optimiser,
  };
  const hash = sha256(
    placed
      .map(({ subject, node, plane, sha256, truth, fold }) => [subject, node, plane, sha256, truth, fold].join(" "))
      .join("\n"),
  );
  const [snapshot] = await tx
    .insert(datasetSnapshot)
    .values({ studyId: actor.studyId, splitUnit: config.splitUnit, folds, seed, sha256: hash })
    .returning({ id: datasetSnapshot.id });
  if (!snapshot) throw new AppError("unavailable", "The snapshot was not saved. Nothing was queued; try again.");
  for (let from = 0; from < placed.length; from += rowsPerInsert) {
    await tx.insert(datasetItem).values(
      placed
        .slice(from, from + rowsPerInsert)
        .map(({ cropId, position, subject, sha256, pixelSha256, truth, fold }) => ({
          snapshotId: snapshot.id,
          studyId: actor.studyId,
          cropId,
          position,
          subject,
          sha256,
          pixelSha256,
          truth,
          fold,
        })),
    );
  }
  const [run] = await tx
    .insert(modelRun)
    .values({ studyId: actor.studyId, snapshotId: snapshot.id, config })
    .returning({ id: modelRun.id });
  if (!run) throw new AppError("unavailable", "The run was not saved. Nothing was queued; try again.");
  await enqueue(tx, "train", run.id, { runId: run.id, studyId: actor.studyId });
  await record(tx, "run.queued", {
    entity: "model_run",
    entityId: run.id,
    detail: { images: placed.length, folds, seed, snapshot: hash },
  });
  return { runId: run.id };
}

function split(items: Parameters<typeof assignFolds>[0]["items"], folds: number, seed: number) {
  try {
    return assignFolds({ items, folds, seed });
  } catch (error) {
    throw new AppError(
      "invalid",
      `The images cannot be split into ${folds} folds: ${error instanceof Error ? error.message : "unknown reason"}. Nothing was queued.`,
    );
  }
}
