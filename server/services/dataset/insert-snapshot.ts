import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { datasetItem, datasetSnapshot } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { LabelledCrop } from "./find-labelled-crops";
import { snapshotHash } from "./snapshot-hash";

/**
 * Writes labelled crops, in the order of the study, as an immutable snapshot. Its hash is over subject, node, plane, image, truth and fold, so that
 * the same data and split have the same hash in every installation.
 * @param snapshot.foldOf fold of a crop by id
 */
export async function insertSnapshot(
  tx: Tx,
  actor: StudyActor,
  snapshot: Pick<
    typeof datasetSnapshot.$inferInsert,
    "splitUnit" | "folds" | "seed" | "nearDuplicates" | "lookAlikes" | "leakage"
  > & {
    crops: readonly LabelledCrop[];
    foldOf: (cropId: string) => number;
  },
): Promise<{ snapshotId: string; sha256: string; images: number }> {
  const { crops, foldOf, ...about } = snapshot;
  const hash = snapshotHash(crops.map((crop) => ({ ...crop, fold: foldOf(crop.cropId) })));
  const [saved] = await tx
    .insert(datasetSnapshot)
    .values({ studyId: actor.studyId, ...about, sha256: hash })
    .returning({ id: datasetSnapshot.id });
  if (!saved) throw new AppError("unavailable", { key: "errors.snapshot_not_saved" });
  await insertInChunks(
    tx,
    datasetItem,
    crops.map(({ cropId, subject, node, sha256, pixelSha256, truth, width, height, shortAxisMm }, position) => ({
      snapshotId: saved.id,
      studyId: actor.studyId,
      cropId,
      position,
      subject,
      node,
      sha256,
      pixelSha256,
      truth,
      width,
      height,
      shortAxisMm,
      fold: foldOf(cropId),
    })),
  );
  return { snapshotId: saved.id, sha256: hash, images: crops.length };
}
