import { and, asc, count, desc, eq, isNull, sql } from "drizzle-orm";
import { exam, inboxImage, inboxOutcome, inboxStudy, subject } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import type { InboxView } from "@/server/schemas/inbox";
import { inUse } from "@/server/services/enrolment/in-use";
import { toldInbox } from "./told-inbox";

const receivedAt = sql`coalesce(max(${inboxImage.receivedAt}), ${inboxStudy.createdAt})`.mapWith(inboxStudy.createdAt);

/** What waits, the newest first, with whom it says it is of, and the exams it may go to. That somebody looks is noted (`toldInbox`): manages its own transactions. */
export async function listInbox(actor: StudyActor): Promise<InboxView> {
  const told = new Map((await toldInbox(actor)).map((each) => [each.inboxId, each]));
  return withActor(actor, async (tx) => {
    const waiting = await tx
      .select({
        inboxId: inboxStudy.id,
        siteId: inboxStudy.siteId,
        images: count(inboxImage.id),
        receivedAt,
      })
      .from(inboxStudy)
      .leftJoin(inboxImage, eq(inboxImage.inboxId, inboxStudy.id))
      .leftJoin(inboxOutcome, eq(inboxOutcome.inboxId, inboxStudy.id))
      .where(and(eq(inboxStudy.studyId, actor.studyId), isNull(inboxOutcome.inboxId)))
      .groupBy(inboxStudy.id)
      .orderBy(desc(receivedAt));
    const exams = await tx
      .select({ examId: exam.id, siteId: subject.siteId, subject: subject.number, day: exam.performedOn })
      .from(exam)
      .innerJoin(subject, eq(subject.id, exam.subjectId))
      .where(and(eq(exam.studyId, actor.studyId), inUse(exam.subjectId)))
      .orderBy(asc(subject.number), asc(exam.performedOn));
    return {
      exams,
      // What was decided meanwhile has nobody's name any more.
      waiting: waiting.flatMap((each) => {
        const whose = told.get(each.inboxId);
        if (!whose) return [];
        const { name, hospitalNumber, birthDate, studyDate } = whose;
        return [{ ...each, name, hospitalNumber, birthDate, studyDate }];
      }),
    };
  });
}
