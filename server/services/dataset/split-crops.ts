import { lookAlikes } from "@/core/ids";
import { seekNearDuplicates } from "@/core/imaging/near-duplicates";
import type { SplitUnit } from "@/core/protocol/regimen";
import { assignFolds } from "@/core/splits/folds";
import { placeKey } from "@/core/splits/groups";
import { refuseLeakage } from "@/core/splits/leakage";
import { saidOfError } from "@/core/words/said";
import { AppError } from "@/server/errors";
import { readSignature } from "@/server/image-signature";
import { inSlices } from "@/server/in-slices";
import type { Leakage } from "@/server/schemas/model";
import type { LabelledCrop } from "./find-labelled-crops";

/**
 * The folds of labelled crops. Crops that look alike, and patients who share one, stay on one side, unless the split is by image, as published: then
 * the split says how many held-out images have a sibling in training. Pure: the same crops, folds, seed and unit give the same split in every
 * installation. Every pair of crops is looked at, so time grows with the square (`findNearDuplicates`): stay outside transactions. That is done in
 * slices, between which the web server answers others.
 * @throws AppError "conflict" without a crop (before the lock there is none) or with one that has no picture, "invalid" when they cannot be split
 */
export async function splitCrops(
  crops: readonly LabelledCrop[],
  { folds, seed, splitUnit }: { folds: number; seed: number; splitUnit: SplitUnit },
) {
  if (crops.length === 0) {
    throw new AppError("conflict", { key: "errors.nothing_to_train_on" });
  }
  const withoutPicture = crops.filter(({ sha256 }) => sha256 === null).length;
  if (withoutPicture > 0)
    throw new AppError("conflict", {
      key: "errors.images_without_pictures",
      values: { images: withoutPicture, of: crops.length },
    });
  // By place and not by id: ids are drawn at random, and the same data must give the same folds in another installation.
  const keyOf = new Map(crops.map(({ cropId }, place) => [cropId, placeKey(place)]));
  const items = crops.map((crop, place) => ({
    id: placeKey(place),
    subject: crop.subject,
    node: crop.node,
    truth: crop.truth,
    duplicateKey: crop.pixelSha256 ?? crop.cropId,
  }));
  const nearDuplicates = await inSlices(
    seekNearDuplicates(
      crops.flatMap(({ cropId, signature }) =>
        signature ? [{ id: cropId, signature: readSignature(signature) }] : [],
      ),
    ),
  );
  const links = nearDuplicates.map(({ a, b }) => [keyOf.get(a) ?? a, keyOf.get(b) ?? b] as const);
  const foldOf = foldsOf({ items, folds, seed, unit: splitUnit, links });
  const placed = items.map((item) => ({ ...item, fold: foldOf.get(item.id) ?? 0 }));
  const { overall } = refuseLeakage(placed, { unit: splitUnit, links });
  const leakage: Leakage | null =
    splitUnit === "patient"
      ? null
      : {
          unit: splitUnit,
          heldOut: overall.heldOut,
          sameSubject: overall.samePatient.images,
          sameNode: overall.sameNode?.images ?? 0,
          duplicate: overall.identical.images,
          nearDuplicate: overall.nearDuplicate.images,
        };
  return {
    splitUnit,
    folds,
    seed,
    nearDuplicates: nearDuplicates.map(({ a, b, distance }) => [a, b, distance]),
    lookAlikes: alikeOnTwoSides(placed),
    leakage,
    crops,
    foldOf: (cropId: string) => foldOf.get(keyOf.get(cropId) ?? "") ?? 0,
  };
}

export type SplitCrops = Awaited<ReturnType<typeof splitCrops>>;

function foldsOf(options: Parameters<typeof assignFolds>[0]): Map<string, number> {
  try {
    return assignFolds(options);
  } catch (error) {
    throw new AppError("invalid", {
      key: "errors.not_split",
      values: { folds: options.folds, reason: saidOfError(error) },
    });
  }
}

/** Pairs of subjects that may be one patient and have images in folds that differ. */
function alikeOnTwoSides(placed: readonly { subject: string; fold: number }[]): [string, string][] {
  const foldsOfSubject = new Map<string, Set<number>>();
  for (const { subject, fold } of placed)
    foldsOfSubject.set(subject, (foldsOfSubject.get(subject) ?? new Set()).add(fold));
  return lookAlikes([...foldsOfSubject.keys()]).filter(
    (pair) => new Set(pair.flatMap((subject) => [...(foldsOfSubject.get(subject) ?? [])])).size > 1,
  );
}
