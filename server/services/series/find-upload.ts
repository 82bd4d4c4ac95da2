import { and, eq } from "drizzle-orm";
import type { DeidentificationOptions } from "@/core/dicom/profile";
import { retentionOf } from "@/core/protocol/imaging";
import type { Tx } from "@/db/actor";
import { exam, imageUpload, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { refuseWhenLocked } from "@/server/services/import/refuse-when-locked";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { type Secrets, secretsOf } from "./secrets-of";

/** Where the files of an upload go, and by what they are de-identified. */
export interface UploadPlace extends Secrets {
  uploadId: string;
  examId: string;
  subjectId: string;
  /** The subject's number, and site. */
  subject: string;
  siteId: string | null;
  /** What stays beside the Basic Profile, as the protocol says. */
  options: DeidentificationOptions;
}

/**
 * @throws AppError "not_found" for an upload that this role does not see, "locked" after the lock
 */
export async function findUpload(tx: Tx, actor: StudyActor, uploadId: string): Promise<UploadPlace> {
  // Thousands of files come this way: what does not wait for each other goes to the database at once.
  const [, [found]] = await Promise.all([
    refuseWhenLocked(tx, actor),
    tx
      .select({ examId: exam.id, subjectId: subject.id, subject: subject.number, siteId: subject.siteId })
      .from(imageUpload)
      .innerJoin(exam, eq(exam.id, imageUpload.examId))
      .innerJoin(subject, eq(subject.id, exam.subjectId))
      .where(and(eq(imageUpload.id, uploadId), eq(imageUpload.studyId, actor.studyId))),
  ]);
  if (!found) throw new AppError("not_found", { key: "errors.upload_unknown" });
  const [secrets, { document }] = await Promise.all([secretsOf(tx, found.subjectId), studyProtocol(tx, actor)]);
  if (!secrets) throw new AppError("not_found", { key: "errors.upload_unknown" });
  return { uploadId, ...found, ...secrets, options: retentionOf(document.imaging) };
}
