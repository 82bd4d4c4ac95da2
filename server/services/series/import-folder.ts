import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { and, eq } from "drizzle-orm";
import { isDirectory, readDicom } from "@/core/dicom/read";
import { DicomRefusal } from "@/core/dicom/refusal";
import { naturalOrder } from "@/core/text/natural-order";
import type { Said } from "@/core/words";
import type { Tx } from "@/db/actor";
import { exam, imageInstance, imageSeries, subject } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { largestImageFile } from "@/server/schemas/series";
import { refuseWhenLocked } from "@/server/services/import/refuse-when-locked";
import { sha256 } from "@/server/sha256";
import { beginUpload } from "./begin-upload";
import { type ImagePlace, placeImage } from "./place-image";
import { type Secrets, secretsOf } from "./secrets-of";
import { type FileOutcome, takeFile } from "./take-file";

export interface ImportedFile extends FileOutcome {
  /** Its path within the folder. */
  file: string;
  /** Number of the subject, and day of the exam; null where that is not known. */
  subject: string | null;
  exam: string | null;
}

/** What is known of an exam while its files come. */
interface ExamInHand {
  digest: Secrets["digest"];
  /** Digests of the files that the study has of it (`image_instance.source_digest`). */
  known: Set<string>;
  /** The upload is begun with the first file that is not known, so that the same folder again leaves no row. */
  uploadId: string | null;
  files: number;
}

/**
 * Takes in every file of a folder and what is below it, one after the other, each into the exam that it belongs to (`placeImage`). What was taken before is passed over, so an
 * import that broke off goes on from there. Manages its own transactions.
 * @param asked.subject number of the subject of every file; left out: by the number that each carries
 * @param asked.day YYYY-MM-DD of the exam of every file; left out: the Study Date of each
 * @throws AppError "not_found" for a subject or exam that is not there or a folder without files, "locked" after the lock. What is wrong with a file is its outcome
 */
export async function importFolder(
  actor: StudyActor,
  {
    folder,
    onProgress,
    ...given
  }: {
    folder: string;
    subject?: string | undefined;
    day?: string | undefined;
    onProgress?: (at: { done: number; total: number }) => void;
  },
): Promise<ImportedFile[]> {
  await withActor(actor, (tx) => refuseUnknown(tx, actor, given));
  const files = await filesBelow(folder);
  if (files.length === 0) throw new AppError("not_found", { key: "errors.folder_empty", values: { folder } });
  const exams = new Map<string, ExamInHand>();
  const outcomes: ImportedFile[] = [];
  for (const file of files) {
    const outcome = await importFile(actor, { path: join(folder, file), given, exams });
    outcomes.push({ file, ...outcome });
    onProgress?.({ done: outcomes.length, total: files.length });
  }
  return outcomes;
}

async function refuseUnknown(
  tx: Tx,
  actor: StudyActor,
  given: { subject?: string | undefined; day?: string | undefined },
): Promise<void> {
  await refuseWhenLocked(tx, actor);
  if (given.subject === undefined) return;
  const [found] = await tx
    .select({ id: subject.id })
    .from(subject)
    .where(and(eq(subject.studyId, actor.studyId), eq(subject.number, given.subject)));
  if (!found) throw new AppError("not_found", { key: "errors.subject_unknown", values: { subject: given.subject } });
  if (given.day === undefined) return;
  const [there] = await tx
    .select({ id: exam.id })
    .from(exam)
    .where(and(eq(exam.subjectId, found.id), eq(exam.performedOn, given.day)));
  if (!there)
    throw new AppError("not_found", {
      key: "errors.exam_of_day_unknown",
      values: { subject: given.subject, day: given.day },
    });
}

/** Paths within the folder, slice 2 before slice 10. Links are not followed. */
async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((each) => each.isFile())
    .map((each) => relative(folder, join(each.parentPath, each.name)))
    .sort(naturalOrder);
}

async function importFile(
  actor: StudyActor,
  {
    path,
    given,
    exams,
  }: {
    path: string;
    given: { subject?: string | undefined; day?: string | undefined };
    exams: Map<string, ExamInHand>;
  },
): Promise<Omit<ImportedFile, "file">> {
  const nowhere = (reason: Said) => ({ outcome: "refused" as const, reason, subject: null, exam: null });
  if ((await stat(path)).size > largestImageFile) return nowhere({ key: "errors.image_file_too_large" });
  const bytes = await readFile(path);
  const data = dataOf(bytes);
  if (data instanceof DicomRefusal) return nowhere(data.said);
  const place = await withActor(actor, (tx) => placeImage(tx, actor, data, given));
  if ("key" in place) return nowhere(place);
  return { ...(await takeInto(actor, { place, bytes, exams })), subject: place.subject, exam: place.day };
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
  { place, bytes, exams }: { place: ImagePlace; bytes: Uint8Array; exams: Map<string, ExamInHand> },
): Promise<FileOutcome> {
  const { examId } = place;
  const inHand = exams.get(examId) ?? (await withActor(actor, (tx) => examInHand(tx, actor, place)));
  exams.set(examId, inHand);
  const digest = inHand.digest(sha256(bytes));
  if (inHand.known.has(digest)) return { outcome: "known", reason: null };
  inHand.uploadId ??= (
    await withActor(actor, (tx) => beginUpload(tx, actor, { examId, source: "command_line" }))
  ).uploadId;
  inHand.files++;
  const taken = await takeFile(actor, { uploadId: inHand.uploadId, ordinal: inHand.files, bytes });
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
  return { digest: secrets.digest, known: new Set(images.map(({ digest }) => digest)), uploadId: null, files: 0 };
}
