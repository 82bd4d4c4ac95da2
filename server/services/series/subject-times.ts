import { and, asc, eq, sum } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { exam, examTime, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { inUse } from "@/server/services/enrolment/in-use";

/** For how long the exams of each subject were worked on in the viewer, by everybody; none where nobody did. */
export async function subjectTimes(tx: Tx, { studyId }: StudyActor) {
  return tx
    .select({ subject: subject.number, seconds: sum(examTime.seconds).mapWith(Number) })
    .from(examTime)
    .innerJoin(exam, eq(exam.id, examTime.examId))
    .innerJoin(subject, eq(subject.id, exam.subjectId))
    .where(and(eq(examTime.studyId, studyId), inUse(exam.subjectId)))
    .groupBy(subject.number)
    .orderBy(asc(subject.number));
}
