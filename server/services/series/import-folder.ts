import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { and, eq } from "drizzle-orm";
import { naturalOrder } from "@/core/text/natural-order";
import type { Tx } from "@/db/actor";
import { exam, subject } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { largestImageFile } from "@/server/schemas/series";
import { refuseWhenLocked } from "@/server/services/import/refuse-when-locked";
import { type Coming, type PlacedFile, takePlaced } from "./take-placed";

export interface ImportedFile extends PlacedFile {
  /** Its path within the folder. */
  file: string;
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
  const coming: Coming = { source: "command_line", given, places: new Map(), exams: new Map() };
  const outcomes: ImportedFile[] = [];
  for (const file of files) {
    const outcome = await importFile(actor, join(folder, file), coming);
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

async function importFile(actor: StudyActor, path: string, coming: Coming): Promise<PlacedFile> {
  if ((await stat(path)).size > largestImageFile)
    return { outcome: "refused", reason: { key: "errors.image_file_too_large" }, subject: null, exam: null };
  return takePlaced(actor, coming, await readFile(path));
}
