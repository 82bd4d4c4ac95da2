import { and, asc, count, desc, eq, max, sum } from "drizzle-orm";
import { exam, inboxImage, inboxStudy, subject } from "@/db/schema";
import { type StudyActor, withActor } from "@/server/door";
import type { InboxView } from "@/server/schemas/inbox";
import { inUse } from "@/server/services/enrolment/in-use";
import { toldInbox } from "./told-inbox";

/** What waits, the newest first, with whom it says it is of, and the exams it may go to. That somebody looks is noted (`toldInbox`): manages its own transactions. */
export async function listInbox(actor: StudyActor): Promise<InboxView> {
  const told = new Map((await toldInbox(actor)).map((each) => [each.inboxId, each]));
  return withActor(actor, async (tx) => {
    const waiting = await tx
      .select({
        inboxId: inboxImage.inboxId,
        siteId: inboxStudy.siteId,
        images: count(),
        bytes: sum(inboxImage.bytes).mapWith(Number),
        receivedAt: max(inboxImage.receivedAt),
      })
      .from(inboxImage)
      .innerJoin(inboxStudy, eq(inboxStudy.id, inboxImage.inboxId))
      .where(eq(inboxImage.studyId, actor.studyId))
      .groupBy(inboxImage.inboxId, inboxStudy.siteId)
      .orderBy(desc(max(inboxImage.receivedAt)));
    const exams = await tx
      .select({ examId: exam.id, siteId: subject.siteId, subject: subject.number, day: exam.performedOn })
      .from(exam)
      .innerJoin(subject, eq(subject.id, exam.subjectId))
      .where(and(eq(exam.studyId, actor.studyId), inUse(exam.subjectId)))
      .orderBy(asc(subject.number), asc(exam.performedOn));
    return {
      exams,
      waiting: waiting.flatMap(({ receivedAt, ...each }) => {
        const whose = told.get(each.inboxId);
        if (!whose || !receivedAt) return [];
        const { name, hospitalNumber, birthDate, studyDate } = whose;
        return [{ ...each, receivedAt, name, hospitalNumber, birthDate, studyDate }];
      }),
    };
  });
}
