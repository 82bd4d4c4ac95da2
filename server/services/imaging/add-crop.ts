import { randomUUID } from "node:crypto";
import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { crop, cropCanvas } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { StoredObject } from "@/server/store";
import { canvasOf } from "./canvas-of";
import { findCropPlace } from "./find-crop-place";
import type { CropImage } from "./kept-image";
import { noteAlikeCrops } from "./note-alike-crops";
import { noteStored } from "./note-stored";

/**
 * Adds the crop of a node in a plane; the one that was there is superseded, unless a reading schedule holds it or it has reads. The same picture again
 * changes nothing. Answers with its id, and whether it was added.
 * @param options.files what the store gave back for the files of the image
 * @param options.replaces the crop that whoever sends it has seen in its place; null: none
 * @throws AppError as `findCropPlace`; "conflict" for another crop than the one seen, or one that is scheduled or read
 */
export async function addCrop(
  tx: Tx,
  actor: StudyActor,
  options: {
    nodeId: string;
    plane: string;
    replaces: string | null;
    image: CropImage;
    files: readonly StoredObject[];
  },
): Promise<{ cropId: string; isNew: boolean }> {
  await hold(tx, "records of a node", options.nodeId);
  // Before anything is written, as an import does (`noteAlikeCrops`).
  await hold(tx, "pictures of a study", actor.studyId);
  const { nodeId, name } = await findCropPlace(tx, actor, options);
  const { files, replaces } = options;
  const { canvasSha256: _, ...image } = options.image;
  const inPlace = and(eq(crop.nodeId, nodeId), eq(crop.plane, options.plane), isNull(crop.supersededAt));
  const [present] = await tx
    .select({ id: crop.id, sha256: crop.sha256, originalSha256: crop.originalSha256 })
    .from(crop)
    .where(inPlace);
  if (present?.originalSha256 === image.originalSha256 && present.sha256 === image.sha256)
    return { cropId: present.id, isNew: false };
  if ((present?.id ?? null) !== replaces)
    throw new AppError("conflict", { key: "errors.crop_changed", values: { node: name, plane: options.plane } });
  if (present) await tx.update(crop).set({ supersededAt: new Date() }).where(inPlace);
  await noteStored(
    tx,
    actor,
    files.map((file) => ({ ...file, mediaType: "image/png" })),
  );
  const id = randomUUID();
  await tx.insert(crop).values({ id, studyId: actor.studyId, nodeId, plane: options.plane, ...image });
  await tx.insert(cropCanvas).values(canvasOf({ id, studyId: actor.studyId }, options.image));
  await noteAlikeCrops(tx, actor, { id, signature: image.signature });
  await record(tx, present ? "crop.replaced" : "crop.uploaded", {
    entity: "node",
    entityId: name,
    detail: { plane: options.plane, sha256: image.sha256, originalSha256: image.originalSha256 },
  });
  return { cropId: id, isNew: true };
}
