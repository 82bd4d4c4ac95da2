import { and, eq } from "drizzle-orm";
import { isDirectory, readDicom } from "@/core/dicom/read";
import { DicomRefusal } from "@/core/dicom/refusal";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { imageInstance, imageSeries, type imageUpload } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { sha256 } from "@/server/sha256";
import { beginUpload } from "./begin-upload";
import { findUpload, type UploadPlace } from "./find-upload";
import type { FileOutcome } from "./note-outcome";
import { pictureKind } from "./picture-kind";
import { type ImagePlace, type Placing, placeImage } from "./place-image";
import { type Secrets, secretsOf } from "./secrets-of";
import { storeImage } from "./store-image";

export interface PlacedFile extends FileOutcome {
  /** Number of the subject, and day of the exam; null where that is not known. */
  subject: string | null;
  exam: string | null;
}

/** What is known of an exam while its files come. */
interface ExamInHand {
  digest: Secrets["digest"];
  /** Digests of the files that the study has of it (`image_instance.source_digest`). */
  known: Set<string>;
  /** The upload is begun with the first file that is not known, so that the same files again leave no row. */
  upload: UploadPlace | null;
  files: number;
}

/** Files that come one after the other, of one exam or several: a folder, an association. */
export interface Coming extends Placing {
  source: (typeof imageUpload.$inferInsert)["source"];
  exams: Map<string, ExamInHand>;
}

/**
 * Takes one file that nobody put into an exam by hand into the one that it belongs to (`placeImage`, `storeImage`). Manages its own transactions. One at a time of what comes together.
 * @throws AppError as `findUpload`. What is wrong with the file itself is its outcome
 */
export async function takePlaced(actor: StudyActor, coming: Coming, bytes: Uint8Array): Promise<PlacedFile> {
  if (coming.source === "command_line" && pictureKind(bytes)) return takePicture(actor, coming, bytes);
  const data = dataOf(bytes);
  if (data instanceof DicomRefusal) return { outcome: "refused", reason: data.said, subject: null, exam: null };
  const place = await placeImage(actor, data, coming);
  if ("key" in place) return { outcome: "refused", reason: place, subject: null, exam: null };
  return { ...(await takeInto(actor, coming, { place, bytes })), subject: place.subject, exam: place.day };
}

/** A picture says neither whom it is of nor of when: both are given, or it goes nowhere. Over a network none is sent. */
async function takePicture(actor: StudyActor, coming: Coming, bytes: Uint8Array): Promise<PlacedFile> {
  const { subject = null, day = null } = coming.given;
  const nowhere = (reason: Said): PlacedFile => ({ outcome: "refused", reason, subject: null, exam: null });
  if (subject === null || day === null) return nowhere({ key: "dicom.refused.picture_of_nobody" });
  const place = await placeImage(actor, new Map(), coming);
  if ("key" in place) return nowhere(place);
  return { ...(await takeInto(actor, coming, { place, bytes })), subject, exam: day };
}

function dataOf(bytes: Uint8Array) {
  try {
    const read = readDicom(bytes);
    return isDirectory(read) ? new DicomRefusal("directory") : read.data;
  } catch (error) {
    if (error instanceof DicomRefusal) return error;
    throw error;
  }
}

async function takeInto(
  actor: StudyActor,
  { source, exams }: Coming,
  { place, bytes }: { place: ImagePlace; bytes: Uint8Array },
): Promise<FileOutcome> {
  const { examId } = place;
  const inHand = exams.get(examId) ?? (await withActor(actor, (tx) => examInHand(tx, actor, place)));
  exams.set(examId, inHand);
  const digest = inHand.digest(sha256(bytes));
  if (inHand.known.has(digest)) return { outcome: "known", reason: null };
  inHand.upload ??= await withActor(actor, async (tx) =>
    findUpload(tx, actor, (await beginUpload(tx, actor, { examId, source })).uploadId),
  );
  inHand.files++;
  const taken = await storeImage(actor, inHand.upload, { ordinal: inHand.files, bytes, sourceDigest: digest });
  if (taken.outcome !== "refused") inHand.known.add(digest);
  return taken;
}

async function examInHand(tx: Tx, actor: StudyActor, { examId, subjectId }: ImagePlace): Promise<ExamInHand> {
  const secrets = await secretsOf(tx, subjectId);
  if (!secrets) throw new AppError("not_found", { key: "errors.exam_unknown" });
  const images = await tx
    .select({ digest: imageInstance.sourceDigest })
    .from(imageInstance)
    .innerJoin(imageSeries, eq(imageSeries.id, imageInstance.seriesId))
    .where(and(eq(imageInstance.studyId, actor.studyId), eq(imageSeries.examId, examId)));
  return { digest: secrets.digest, known: new Set(images.map(({ digest }) => digest)), upload: null, files: 0 };
}
