import { and, asc, desc, eq, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { exam, holdDecision, imageHold, imageInstance, imageSeries, person, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { inUse } from "@/server/services/enrolment/in-use";

/** Images that wait for a person, the oldest first, and those that somebody decided, the newest first: each with every reason for which it is held, or was. */
export async function listHeld(tx: Tx, actor: StudyActor) {
  const rows = await tx
    .select({
      instanceId: imageHold.instanceId,
      reason: imageHold.reason,
      boxes: imageHold.boxes,
      heldAt: imageHold.heldAt,
      subject: subject.number,
      performedOn: exam.performedOn,
      series: imageSeries.number,
      description: imageSeries.description,
      frames: imageInstance.frames,
      width: imageInstance.columns,
      height: imageInstance.rows,
      decision: holdDecision.decision,
      because: holdDecision.reason,
      decidedAt: holdDecision.decidedAt,
      decidedBy: person.name,
    })
    .from(imageHold)
    .innerJoin(imageInstance, eq(imageInstance.id, imageHold.instanceId))
    .innerJoin(imageSeries, eq(imageSeries.id, imageInstance.seriesId))
    .innerJoin(exam, eq(exam.id, imageSeries.examId))
    .innerJoin(subject, eq(subject.id, exam.subjectId))
    .leftJoin(holdDecision, eq(holdDecision.holdId, imageHold.id))
    .leftJoin(person, eq(person.id, holdDecision.decidedBy))
    .where(and(eq(imageHold.studyId, actor.studyId), inUse(exam.subjectId)))
    .orderBy(
      desc(isNull(holdDecision.decidedAt)),
      desc(holdDecision.decidedAt),
      asc(imageHold.heldAt),
      imageHold.reason,
    );
  const images = new Map<string, (typeof rows)[number] & { reasons: (typeof rows)[number]["reason"][] }>();
  for (const row of rows) {
    const image = images.get(row.instanceId) ?? { ...row, boxes: [], reasons: [] };
    // What was decided of it before is done: of letters that were blacked out nothing is there any more.
    if (image.decision === null && row.decision !== null) continue;
    if (!image.reasons.includes(row.reason)) image.reasons.push(row.reason);
    image.boxes = [...image.boxes, ...row.boxes];
    images.set(row.instanceId, image);
  }
  return [...images.values()].map(({ reason: _, decision, because, decidedAt, decidedBy, ...image }) => ({
    ...image,
    decided:
      decision && because && decidedAt ? { decision, reason: because, at: decidedAt, by: decidedBy ?? "–" } : null,
  }));
}
