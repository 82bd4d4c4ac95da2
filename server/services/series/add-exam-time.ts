import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { exam } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/**
 * Adds to the time for which the locating radiologist worked on an exam in the viewer; zero says that it begins.
 * @returns all of it, over every session of this person
 * @throws AppError "not_found" for an exam that this role does not see, DatabaseError NW004 for more seconds than passed since this was called before
 */
export async function addExamTime(
  tx: Tx,
  actor: StudyActor,
  { examId, seconds }: { examId: string; seconds: number },
): Promise<{ seconds: number }> {
  const [found] = await tx
    .select({ id: exam.id })
    .from(exam)
    .where(and(eq(exam.id, examId), eq(exam.studyId, actor.studyId)));
  if (!found) throw new AppError("not_found", { key: "errors.exam_unknown" });
  const [added] = await tx.execute<{ seconds: number }>(
    sql`select nw.add_exam_time(${found.id}::uuid, ${seconds}::int) as seconds`,
  );
  return { seconds: added?.seconds ?? 0 };
}
