import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { exam, imageQuality } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** Whether the images of an exam can be judged; a later verdict takes the place of an earlier one. @throws AppError "not_found" for an exam that this role does not see */
export async function judgeQuality(
  tx: Tx,
  actor: StudyActor,
  { examId, verdict, reasons }: Pick<typeof imageQuality.$inferInsert, "examId" | "verdict" | "reasons">,
): Promise<void> {
  const [found] = await tx
    .select({ id: exam.id })
    .from(exam)
    .where(and(eq(exam.id, examId), eq(exam.studyId, actor.studyId)));
  if (!found) throw new AppError("not_found", { key: "errors.exam_unknown" });
  await tx.insert(imageQuality).values({ studyId: actor.studyId, examId, verdict, reasons });
  await record(tx, "image_quality.judged", { entity: "exam", entityId: examId, detail: { verdict, reasons } });
}
