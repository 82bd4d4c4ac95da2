import { randomUUID } from "node:crypto";
import { and, eq, notInArray, sql } from "drizzle-orm";
import { DicomRefusal } from "@/core/dicom/refusal";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { exam, imageHold, imageInstance, imageSeries, subject } from "@/db/schema";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { noteStored } from "@/server/services/imaging/note-stored";
import { noteStoring } from "@/server/services/imaging/note-storing";
import { storeFiles } from "@/server/services/imaging/store-files";
import { voucher } from "@/server/voucher";
import type { UploadPlace } from "./find-upload";
import { type FileOutcome, noteOutcome } from "./note-outcome";
import { pictureKind } from "./picture-kind";
import { type PreparedImage, prepareImage, type Waited } from "./prepare-image";
import { readDicomImage } from "./read-dicom-image";
import { readPicture } from "./read-picture";

const mediaType = "application/dicom";

interface ComingFile {
  /** 1, 2, ... in the order of the upload, by name where a browser sends it; what is no file leaves a gap. */
  ordinal: number;
  bytes: Uint8Array;
  /** `UploadPlace.digest` of their hash, as they came first. */
  sourceDigest: string;
  /** Where they are of the inbox. */
  waited?: Waited;
}

/**
 * Takes a file into its exam, an image of DICOM or a picture (`readPicture`): its identity is compared with the subject's and taken away before anything is stored; the bytes
 * as they came are stored nowhere. An image that is there already changes nothing. Manages its own transactions.
 */
export async function storeImage(actor: StudyActor, place: UploadPlace, file: ComingFile): Promise<FileOutcome> {
  const prepared = await preparedOf(file, place);
  if (prepared instanceof DicomRefusal)
    return withActor(actor, (tx) => noteOutcome(tx, actor, place, file, { outcome: "refused", reason: prepared.said }));
  const taking = { place, file, prepared };
  for (const _ of [1, 2])
    try {
      return await store(actor, taking);
    } catch (error) {
      if (!(error instanceof BroughtMeanwhile)) throw error;
    }
  // It is there, and this role does not see it.
  return withActor(actor, (tx) => noteOutcome(tx, actor, place, file, { outcome: "refused", reason: elsewhere }));
}

/** Said of what another site has: not whose it is, nor of which day. */
const elsewhere: Said = { key: "dicom.refused.elsewhere" };

/** Another upload brought this image, or its series, first. The transaction goes back, so that what it has stored is deleted as what nothing names; the next one finds the image. */
class BroughtMeanwhile extends Error {}

interface Taking {
  place: UploadPlace;
  file: ComingFile;
  prepared: PreparedImage;
}

/** @throws BroughtMeanwhile */
async function store(actor: StudyActor, taking: Taking): Promise<FileOutcome> {
  const { place, file, prepared } = taking;
  const attempt = await withActor(actor, (tx) => noteStoring(tx, [prepared.sha256]));
  return withActor(actor, async (tx) => {
    const before = await knownImage(tx, actor, place, prepared);
    if (before) return noteOutcome(tx, actor, place, file, before);
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

async function preparedOf(file: ComingFile, place: UploadPlace): Promise<PreparedImage | DicomRefusal> {
  const { bytes, waited } = file;
  try {
    const kind = pictureKind(bytes);
    if (!kind) return prepareImage(readDicomImage(bytes), place, waited);
    const prepared = prepareImage(await readPicture(file, kind, place), place);
    return { ...prepared, instance: { ...prepared.instance, patientDigest: ofNobody(place) } };
  } catch (error) {
    if (error instanceof DicomRefusal) return error;
    throw error;
  }
}

/** Stands where other images say of whom they are: a picture says nothing, and differs from no patient. */
const ofNobody = ({ digest }: Pick<UploadPlace, "digest">) => digest("picture");

type KnownImage = FileOutcome & { instanceId?: string };

/** An image of this name that is there: the same pixels in another file are known, others are refused. */
async function knownImage(
  tx: Tx,
  actor: StudyActor,
  { examId, siteId }: UploadPlace,
  { instance }: PreparedImage,
): Promise<KnownImage | undefined> {
  const [found] = await tx
    .select({ id: imageInstance.id, pixelSha256: imageInstance.pixelSha256, seriesId: imageInstance.seriesId })
    .from(imageInstance)
    .where(and(eq(imageInstance.studyId, actor.studyId), eq(imageInstance.uid, instance.uid)));
  if (!found) return undefined;
  const [of] = await tx
    .select({ examId: imageSeries.examId, subject: subject.number, siteId: subject.siteId, day: exam.performedOn })
    .from(imageSeries)
    .innerJoin(exam, eq(exam.id, imageSeries.examId))
    .innerJoin(subject, eq(subject.id, exam.subjectId))
    .where(eq(imageSeries.id, found.seriesId));
  if (of && of.examId !== examId)
    return {
      outcome: "refused",
      reason:
        of.siteId === siteId
          ? { key: "dicom.refused.other_exam", values: { subject: of.subject, day: of.day } }
          : elsewhere,
    };
  if (found.pixelSha256 === instance.pixelSha256) return { outcome: "known", reason: null, instanceId: found.id };
  return { outcome: "refused", reason: { key: "dicom.refused.other_pixels" } };
}

async function addImage(tx: Tx, actor: StudyActor, { place, file, prepared }: Taking): Promise<FileOutcome> {
  const { studyId } = actor;
  const { examId, uploadId } = place;
  const seriesId = await seriesOf(tx, { ...prepared.series, studyId, examId });
  if (seriesId === null)
    return noteOutcome(tx, actor, place, file, {
      outcome: "refused",
      reason: { key: "dicom.refused.series_of_other_exam" },
    });
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
  if (!first) return noteOutcome(tx, actor, place, file, { outcome: "accepted", reason: null, instanceId });
  await tx.insert(imageHold).values(holds.map((reason) => ({ studyId, instanceId, reason, boxes: [] })));
  await record(tx, "image.held", { entity: "image", entityId: instanceId, detail: { reasons: holds } });
  return noteOutcome(tx, actor, place, file, {
    outcome: "held",
    reason: { key: `dicom.held.${first}` },
    instanceId,
  });
}

/** The series of this UID in the exam, made where it is not there yet; null where it is another exam's. @throws BroughtMeanwhile */
async function seriesOf(tx: Tx, series: typeof imageSeries.$inferInsert): Promise<string | null> {
  const ofUid = and(eq(imageSeries.studyId, series.studyId), eq(imageSeries.uid, series.uid));
  const [found] = await tx.select({ id: imageSeries.id, examId: imageSeries.examId }).from(imageSeries).where(ofUid);
  if (found) return found.examId === series.examId ? found.id : null;
  const [made] = await tx
    .insert(imageSeries)
    .values(series)
    .onConflictDoNothing({ target: [imageSeries.studyId, imageSeries.uid] })
    .returning({ id: imageSeries.id });
  if (!made) throw new BroughtMeanwhile();
  return made.id;
}

/** Whether a file says it is of somebody else than the subject, or than the files that came with it. */
async function isOfAnother(
  tx: Tx,
  actor: StudyActor,
  { subjectId, uploadId, digest }: UploadPlace,
  { identity, instance }: PreparedImage,
): Promise<boolean> {
  const nobody = ofNobody({ digest });
  if (instance.patientDigest === nobody) return false;
  const number = identity.id ?? "";
  const writings = (identity.name ?? "").split("=").filter((writing) => writing.trim() !== "");
  const vouched = voucher("differs_from_subject", actor.studyId, subjectId, number, writings.join("\n"));
  const names = sql`array(select jsonb_array_elements_text(${JSON.stringify(writings)}::jsonb))`;
  const beside = tx
    .select({ id: imageInstance.id })
    .from(imageInstance)
    .where(
      and(
        eq(imageInstance.studyId, actor.studyId),
        eq(imageInstance.uploadId, uploadId),
        notInArray(imageInstance.patientDigest, [instance.patientDigest, nobody]),
      ),
    );
  const [answer] = await tx.execute<{ differs: string[] | null; has_others: boolean }>(
    sql`select nw.differs_from_subject(${subjectId}, ${names}, ${number}, ${vouched}) as differs, exists ${beside} as has_others`,
  );
  return answer?.has_others === true || (answer?.differs ?? []).length > 0;
}
