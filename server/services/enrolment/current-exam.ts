import { and, desc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { exam } from "@/db/schema";

/** The exam of a subject that counts now, as far as this role may see it. */
export async function currentExam(tx: Tx, { studyId, subjectId }: { studyId: string; subjectId: string }) {
  const [newest] = await tx
    .select({ performedOn: exam.performedOn, scanner: exam.scanner })
    .from(exam)
    .where(and(eq(exam.studyId, studyId), eq(exam.subjectId, subjectId)))
    .orderBy(desc(exam.recordedAt))
    .limit(1);
  return newest ?? null;
}
