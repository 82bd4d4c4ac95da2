import type { PixelBox } from "@/core/dicom/black-out";
import { isValue } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { writeDicom } from "@/core/dicom/write";
import { holdDecision, imageBlackOut } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { largestImageFile } from "@/server/schemas/series";
import { noteStored } from "@/server/services/imaging/note-stored";
import { noteStoring } from "@/server/services/imaging/note-storing";
import { storeFiles } from "@/server/services/imaging/store-files";
import { sha256 } from "@/server/sha256";
import { readObject } from "@/server/store";
import { voucher } from "@/server/voucher";
import { blackOutFile } from "./black-out-file";
import { findInstance } from "./find-instance";
import { findOpenHolds } from "./find-open-holds";

/**
 * Fills boxes of a held image with black in every frame, and with that decides that it is used: a new file takes the place of the one with letters, which the
 * worker deletes from the store. Every reason for which it is held is decided at once. Manages its own transactions.
 * @throws AppError as `findOpenHolds` and `blackOutFile`; "conflict" where these boxes are black already
 */
export async function blackOutImage(
  actor: StudyActor,
  { instanceId, boxes, reason }: { instanceId: string; boxes: readonly PixelBox[]; reason: string },
): Promise<void> {
  const { studyId } = actor;
  const before = await withActor(actor, async (tx) => {
    await findOpenHolds(tx, actor, { instanceId });
    return findInstance(tx, actor, { instanceId });
  });
  const filled = await blackOutFile(await readObject(before.sha256, { limit: largestImageFile }), boxes);
  const bytes = writeDicom(filled);
  const file = { sha256: sha256(bytes), bytes };
  if (file.sha256 === before.sha256) throw new AppError("conflict", { key: "errors.boxes_are_black" });
  const attempt = await withActor(actor, (tx) => noteStoring(tx, [file.sha256]));
  await withActor(actor, async (tx) => {
    const open = await findOpenHolds(tx, actor, { instanceId });
    const now = await findInstance(tx, actor, { instanceId });
    // Somebody filled others meanwhile, and letters were found once more.
    if (now.sha256 !== before.sha256) throw new AppError("conflict", { key: "errors.hold_decided" });
    const stored = await storeFiles(tx, attempt, [file]);
    await noteStored(
      tx,
      actor,
      stored.map((each) => ({ ...each, mediaType: "application/dicom" })),
    );
    const pixels = filled.data.get(tagOf("PixelData"));
    const files = { fromSha256: before.sha256, sha256: file.sha256 };
    await tx.insert(imageBlackOut).values({
      ...{ studyId, instanceId, ...files, bytes: bytes.length, transferSyntaxUid: filled.transferSyntax },
      pixelSha256: sha256(isValue(pixels) ? pixels.bytes : new Uint8Array()),
      boxes: boxes.map(([left, top, width, height]) => [left, top, width, height]),
      voucher: voucher("image_black_out", studyId, instanceId, files.fromSha256, files.sha256),
    });
    await tx
      .insert(holdDecision)
      .values(open.map((holdId) => ({ holdId, studyId, decision: "blacked_out" as const, reason })));
    // No row says any more that it is to stay: the worker finds this note once nobody is at it.
    await noteStoring(tx, [before.sha256]);
    const detail = { decision: "blacked_out", boxes, ...files };
    await record(tx, "image.decided", { entity: "image", entityId: instanceId, reason, detail });
  });
}
