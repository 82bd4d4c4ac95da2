import { randomUUID } from "node:crypto";
import { and, eq, ne, sql } from "drizzle-orm";
import { DicomRefusal } from "@/core/dicom/refusal";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { exam, imageHold, imageInstance, imageSeries, subject, uploadedFile } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { noteStored } from "@/server/services/imaging/note-stored";
import { noteStoring } from "@/server/services/imaging/note-storing";
import { storeFiles } from "@/server/services/imaging/store-files";
import { sha256 } from "@/server/sha256";
import { voucher } from "@/server/voucher";
import { findUpload, type UploadPlace } from "./find-upload";
import { type PreparedImage, prepareImage, type Waited } from "./prepare-image";

/** What became of a file: taken, there already, taken but held until a person has looked at it, or refused. */
export interface FileOutcome {
  outcome: (typeof uploadedFile.$inferSelect)["outcome"];
  reason: Said | null;
}

const mediaType = "application/dicom";

/**
 * Takes one file of an upload: its identity is compared with the subject's and taken away before anything is stored; the bytes as they came are stored nowhere.
 * The same file again changes nothing, whatever upload it came in; the same number of an upload is answered as before. Manages its own transactions.
 * @param file.waited where the bytes are of the inbox
 * @param file.ordinal 1, 2, ... in the order in which the files of the upload were sent
 * @throws AppError as `findUpload`. What is wrong with the file itself is its outcome, and the upload goes on
 */
export async function takeFile(
  actor: StudyActor,
  file: { uploadId: string; ordinal: number; bytes: Uint8Array; waited?: Waited },
): Promise<FileOutcome> {
  const { place, sourceDigest, before } = await withActor(actor, async (tx) => {
    const place = await findUpload(tx, actor, file.uploadId);
    const sourceDigest = file.waited?.sourceDigest ?? place.digest(sha256(file.bytes));
    const before =
      (await outcomeBefore(tx, place, file.ordinal)) ?? (await sameFile(tx, actor, place, { ...file, sourceDigest }));
    return { place, sourceDigest, before };
  });
  if (before) return before;
  const prepared = preparedOf(file, place);
  if (prepared instanceof DicomRefusal)
    return withActor(actor, (tx) => ended(tx, actor, place, file, { outcome: "refused", reason: prepared.said }));
  const taking = { place, file: { ...file, sourceDigest }, prepared };
  return storeImage(actor, taking).catch((error) => {
    if (!(error instanceof BroughtMeanwhile)) throw error;
    return storeImage(actor, taking);
  });
}

/** Another upload brought this image first. The transaction goes back, so that what it has stored is deleted as what nothing names; the next one finds the image. */
class BroughtMeanwhile extends Error {}

interface Taking {
  place: UploadPlace;
  file: { ordinal: number; bytes: Uint8Array; sourceDigest: string };
  prepared: PreparedImage;
}

/** @throws BroughtMeanwhile */
async function storeImage(actor: StudyActor, taking: Taking): Promise<FileOutcome> {
  const { place, file, prepared } = taking;
  const attempt = await withActor(actor, (tx) => noteStoring(tx, [prepared.sha256]));
  return withActor(actor, async (tx) => {
    const before = await knownImage(tx, actor, place, prepared);
    if (before) return ended(tx, actor, place, file, before);
    const stored = await storeFiles(tx, attempt, [{ sha256: prepared.sha256, bytes: prepared.file }]);
    await noteStored(
      tx,
      actor,
      stored.map((each) => ({ ...each, mediaType })),
    );
    // Not before: files of an exam come several at once, and a disk takes its time.
    await hold(tx, "images of an exam", place.examId);
    return addImage(tx, actor, taking);
  });
}

function preparedOf(
  { bytes, waited }: { bytes: Uint8Array; waited?: Waited },
  place: UploadPlace,
): PreparedImage | DicomRefusal {
  try {
    return prepareImage(bytes, place, waited);
  } catch (error) {
    if (error instanceof DicomRefusal) return error;
    throw error;
  }
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
  return same && ended(tx, actor, place, file, { outcome: "known", reason: null, instanceId: same.id });
}

type KnownImage = FileOutcome & { instanceId?: string };

/** An image of this name that is there: the same pixels in another file are known, others are refused. */
async function knownImage(
  tx: Tx,
  actor: StudyActor,
  { examId }: UploadPlace,
  { instance }: PreparedImage,
): Promise<KnownImage | undefined> {
  const [found] = await tx
    .select({
      id: imageInstance.id,
      pixelSha256: imageInstance.pixelSha256,
      examId: imageSeries.examId,
      subject: subject.number,
      performedOn: exam.performedOn,
    })
    .from(imageInstance)
    .innerJoin(imageSeries, eq(imageSeries.id, imageInstance.seriesId))
    .innerJoin(exam, eq(exam.id, imageSeries.examId))
    .innerJoin(subject, eq(subject.id, exam.subjectId))
    .where(and(eq(imageInstance.studyId, actor.studyId), eq(imageInstance.uid, instance.uid)));
  if (!found) return undefined;
  if (found.examId !== examId)
    return {
      outcome: "refused",
      reason: {
        key: "dicom.refused.other_exam",
        values: { subject: found.subject, day: found.performedOn },
      },
    };
  if (found.pixelSha256 === instance.pixelSha256) return { outcome: "known", reason: null, instanceId: found.id };
  return { outcome: "refused", reason: { key: "dicom.refused.other_pixels" } };
}

async function addImage(tx: Tx, actor: StudyActor, { place, file, prepared }: Taking): Promise<FileOutcome> {
  const { studyId } = actor;
  const { examId, uploadId } = place;
  const seriesId = await seriesOf(tx, { ...prepared.series, studyId, examId });
  if (seriesId === null)
    return ended(tx, actor, place, file, { outcome: "refused", reason: { key: "dicom.refused.series_of_other_exam" } });
  const instanceId = randomUUID();
  const added = await tx
    .insert(imageInstance)
    .values({
      ...prepared.instance,
      sourceDigest: file.sourceDigest,
      ...{ id: instanceId, studyId, seriesId, uploadId, sha256: prepared.sha256, bytes: prepared.file.length },
      voucher: voucher("image_instance", studyId, examId, prepared.sha256, prepared.instance.uid),
    })
    .onConflictDoNothing({ target: [imageInstance.studyId, imageInstance.uid] })
    .returning({ id: imageInstance.id });
  if (added.length === 0) throw new BroughtMeanwhile();
  const holds = [
    ...prepared.holds,
    ...((await isOfAnother(tx, actor, place, prepared)) ? (["other_patient"] as const) : []),
  ];
  const [first] = holds;
  if (!first) return ended(tx, actor, place, file, { outcome: "accepted", reason: null, instanceId });
  await tx.insert(imageHold).values(holds.map((reason) => ({ studyId, instanceId, reason, boxes: [] })));
  await record(tx, "image.held", { entity: "image", entityId: instanceId, detail: { reasons: holds } });
  return ended(tx, actor, place, file, {
    outcome: "held",
    reason: { key: `dicom.held.${first}` },
    instanceId,
  });
}

/** The series of this UID in the exam, made where it is not there yet; null where it is another exam's. */
async function seriesOf(tx: Tx, series: typeof imageSeries.$inferInsert): Promise<string | null> {
  const ofUid = and(eq(imageSeries.studyId, series.studyId), eq(imageSeries.uid, series.uid));
  const [found] = await tx.select({ id: imageSeries.id, examId: imageSeries.examId }).from(imageSeries).where(ofUid);
  if (found) return found.examId === series.examId ? found.id : null;
  const [made] = await tx.insert(imageSeries).values(series).returning({ id: imageSeries.id });
  return made?.id ?? null;
}

/** Whether a file says it is of somebody else than the subject, or than the files that came with it. */
async function isOfAnother(
  tx: Tx,
  actor: StudyActor,
  { subjectId, uploadId }: UploadPlace,
  { identity, instance }: PreparedImage,
): Promise<boolean> {
  const [beside] = await tx
    .select({ id: imageInstance.id })
    .from(imageInstance)
    .where(
      and(
        eq(imageInstance.studyId, actor.studyId),
        eq(imageInstance.uploadId, uploadId),
        ne(imageInstance.patientDigest, instance.patientDigest),
      ),
    )
    .limit(1);
  if (beside) return true;
  const writings = (identity.name ?? "").split("=").filter((writing) => writing.trim() !== "");
  const [answer] = await tx.execute<{ differs: string[] | null }>(
    sql`select nw.differs_from_subject(${subjectId}, ${`{${writings.map((each) => JSON.stringify(each)).join(",")}}`}::text[], ${identity.id ?? ""}) as differs`,
  );
  return (answer?.differs ?? []).length > 0;
}

async function ended(
  tx: Tx,
  { studyId }: StudyActor,
  { uploadId }: UploadPlace,
  { ordinal, bytes }: { ordinal: number; bytes: Uint8Array },
  { outcome, reason, instanceId }: FileOutcome & { instanceId?: string | undefined },
): Promise<FileOutcome> {
  await tx
    .insert(uploadedFile)
    .values({ uploadId, studyId, ordinal, outcome, reason, instanceId: instanceId ?? null, bytes: bytes.length })
    .onConflictDoNothing();
  return { outcome, reason };
}
