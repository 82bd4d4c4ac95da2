import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { imageInstance, imageSeries, uploadedFile } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import { sha256 } from "@/server/sha256";
import type { UploadPlace } from "./find-upload";
import { type FileOutcome, noteOutcome } from "./note-outcome";
import { placeOfUpload } from "./place-of-upload";
import type { Waited } from "./prepare-image";
import { storeImage } from "./store-image";

/**
 * Takes one file of an upload into its exam (`storeImage`). The same file again changes nothing, whatever upload it came in; the same number of an upload is answered
 * as before. Manages its own transactions.
 * @param file.ordinal 1, 2, ... in the order of the upload, by name where a browser sends it; what is no file leaves a gap
 * @param file.waited where the bytes are of the inbox
 * @throws AppError as `findUpload`. What is wrong with the file itself is its outcome, and the upload goes on
 */
export async function takeFile(
  actor: StudyActor,
  { uploadId, ...file }: { uploadId: string; ordinal: number; bytes: Uint8Array; waited?: Waited },
): Promise<FileOutcome> {
  const place = await placeOfUpload(actor, uploadId);
  const coming = { ...file, sourceDigest: file.waited?.sourceDigest ?? place.digest(sha256(file.bytes)) };
  const before = await withActor(
    actor,
    async (tx) => (await outcomeBefore(tx, place, file.ordinal)) ?? (await sameFile(tx, actor, place, coming)),
  );
  return before ?? storeImage(actor, place, coming);
}

/** What was answered of a file before, by its number within the upload: the same file is sent again when the answer was lost. */
async function outcomeBefore(tx: Tx, { uploadId }: UploadPlace, ordinal: number): Promise<FileOutcome | undefined> {
  const [before] = await tx
    .select({ outcome: uploadedFile.outcome, reason: uploadedFile.reason })
    .from(uploadedFile)
    .where(and(eq(uploadedFile.uploadId, uploadId), eq(uploadedFile.ordinal, ordinal)));
  return before;
}

/** The very bytes came before: known without a look into them. */
async function sameFile(
  tx: Tx,
  actor: StudyActor,
  place: UploadPlace,
  file: { ordinal: number; bytes: Uint8Array; sourceDigest: string },
): Promise<FileOutcome | undefined> {
  const [same] = await tx
    .select({ id: imageInstance.id, examId: imageSeries.examId })
    .from(imageInstance)
    .innerJoin(imageSeries, eq(imageSeries.id, imageInstance.seriesId))
    .where(
      and(
        eq(imageInstance.studyId, actor.studyId),
        eq(imageInstance.sourceDigest, file.sourceDigest),
        eq(imageSeries.examId, place.examId),
      ),
    );
  return same && noteOutcome(tx, actor, place, file, { outcome: "known", reason: null, instanceId: same.id });
}
