import { randomUUID } from "node:crypto";
import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { exam, imageUpload, subject } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** Begins an upload: the files of an exam that come together. @throws AppError "not_found" for an exam that this role does not see */
export async function beginUpload(
  tx: Tx,
  actor: StudyActor,
  { examId, source }: { examId: string; source: (typeof imageUpload.$inferInsert)["source"] },
): Promise<{ uploadId: string }> {
  const [found] = await tx
    .select({ subject: subject.number })
    .from(exam)
    .innerJoin(subject, eq(subject.id, exam.subjectId))
    .where(and(eq(exam.id, examId), eq(exam.studyId, actor.studyId)));
  if (!found) throw new AppError("not_found", { key: "errors.exam_unknown" });
  const uploadId = randomUUID();
  await tx.insert(imageUpload).values({ id: uploadId, studyId: actor.studyId, examId, source });
  await record(tx, "images.uploaded", { entity: "subject", entityId: found.subject, detail: { source } });
  return { uploadId };
}
