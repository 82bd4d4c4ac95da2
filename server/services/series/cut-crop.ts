import { spacingOf } from "@/core/dicom/spacing";
import { hold } from "@/db/locks";
import { cropSource } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { addCrop } from "@/server/services/imaging/add-crop";
import { findCropPlace } from "@/server/services/imaging/find-crop-place";
import type { CropImage } from "@/server/services/imaging/kept-image";
import { noteStoring } from "@/server/services/imaging/note-storing";
import { storeFiles } from "@/server/services/imaging/store-files";
import { type Box, type CutWindow, cutOut } from "./cut-out";
import { findInstance } from "./find-instance";
import { readFrame } from "./read-frame";

/**
 * Cuts the crop of a node in a plane out of a stored image: its 16 bits as they are, and shown by the window; the record says from where, so that it can be cut
 * again to the byte. Manages its own transactions.
 * @throws AppError as `findCropPlace`, `findInstance`, `readFrame` and `addCrop`; "invalid" for a box outside the frame; "conflict" where the image was held
 * or blacked out meanwhile
 */
export async function cutCrop(
  actor: StudyActor,
  cut: {
    nodeId: string;
    plane: string;
    replaces: string | null;
    instanceId: string;
    frame: number;
    box: Box;
    window: CutWindow;
  },
): Promise<CropImage> {
  const { nodeId, plane, instanceId, frame, box, window } = cut;
  const { sha256 } = await withActor(actor, async (tx) => {
    await findCropPlace(tx, actor, cut);
    return findInstance(tx, actor, { instanceId });
  });
  const read = await readFrame({ sha256, frame });
  const { image, files } = await cutOut(read, { box, window });
  const attempt = await withActor(actor, (tx) =>
    noteStoring(
      tx,
      files.map((file) => file.sha256),
    ),
  );
  await withActor(actor, async (tx) => {
    await hold(tx, "a held image", instanceId);
    const now = await findInstance(tx, actor, { instanceId }).catch((error) => {
      if (error instanceof AppError && error.code === "not_found") return null;
      throw error;
    });
    if (now?.sha256 !== sha256 || now.isHeld) throw new AppError("conflict", { key: "errors.image_changed" });
    const stored = await storeFiles(tx, attempt, files);
    const { cropId, isNew } = await addCrop(tx, actor, { nodeId, plane, replaces: cut.replaces, image, files: stored });
    if (!isNew) return;
    const spacing = spacingOf(read.attributes);
    await tx.insert(cropSource).values({
      ...{ cropId, studyId: actor.studyId, instanceId, frame },
      ...{ boxLeft: box.left, boxTop: box.top, boxWidth: box.width, boxHeight: box.height },
      ...{ windowLow: window.low, windowHigh: window.high },
      ...{ rowSpacing: spacing?.rows, columnSpacing: spacing?.columns },
    });
  });
  return image;
}
