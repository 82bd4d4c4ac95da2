import { and, asc, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { examTime, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** How long each person worked on an exam in the viewer, who began first first. */
export async function timesOf(tx: Tx, { studyId }: StudyActor, { examId }: { examId: string }) {
  return tx
    .select({ by: person.name, seconds: examTime.seconds, firstAt: examTime.firstAt, lastAt: examTime.lastAt })
    .from(examTime)
    .leftJoin(person, eq(person.id, examTime.spentBy))
    .where(and(eq(examTime.studyId, studyId), eq(examTime.examId, examId)))
    .orderBy(asc(examTime.firstAt));
}
