import { isDeepStrictEqual } from "node:util";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { findLabelledCrops } from "./find-labelled-crops";
import { insertSnapshot } from "./insert-snapshot";
import type { SplitCrops } from "./split-crops";

/**
 * Freezes labelled crops with their folds, which were found outside the transaction (`splitCrops`), as an immutable snapshot. The same data, folds, seed
 * and unit give the same snapshot, with the same hash, in every installation.
 * @throws AppError "conflict" when the labelled crops of the study are others than those that were split
 */
export async function freezeSnapshot(
  tx: Tx,
  actor: StudyActor,
  split: SplitCrops,
): Promise<{ snapshotId: string; sha256: string; images: number }> {
  if (!isDeepStrictEqual(await findLabelledCrops(tx, actor), split.crops))
    throw new AppError("conflict", { key: "errors.images_changed" });
  return insertSnapshot(tx, actor, split);
}
