import { and, asc, count, eq } from "drizzle-orm";
import { naturalOrder } from "@/core/text/natural-order";
import type { Tx } from "@/db/actor";
import { exam, imageInstance, imageSeries, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { inUse } from "@/server/services/enrolment/in-use";

/** A subject whose images may be handed out. */
export interface ExportedSubject {
  id: string;
  /** In the study. */
  number: string;
  /** As its folder is called: letters and digits alone. */
  label: string;
  images: number;
}

/**
 * The subjects who were enrolled and did not withdraw the use of their records. A label counts all subjects of the study, so that it stays the same in every export,
 * whoever withdraws meanwhile.
 */
export async function subjectsToExport(tx: Tx, { studyId }: StudyActor): Promise<ExportedSubject[]> {
  const all = await tx.select({ number: subject.number }).from(subject).where(eq(subject.studyId, studyId));
  const numbers = all.map(({ number }) => number).sort(naturalOrder);
  const digits = Math.max(3, String(numbers.length).length);
  const places = new Map(numbers.map((number, at) => [number, String(at + 1).padStart(digits, "0")]));
  const used = await tx
    .select({ id: subject.id, number: subject.number, images: count(imageInstance.id) })
    .from(subject)
    .leftJoin(exam, eq(exam.subjectId, subject.id))
    .leftJoin(imageSeries, eq(imageSeries.examId, exam.id))
    .leftJoin(imageInstance, eq(imageInstance.seriesId, imageSeries.id))
    .where(and(eq(subject.studyId, studyId), eq(subject.status, "enrolled"), inUse(subject.id)))
    .groupBy(subject.id, subject.number)
    .orderBy(asc(subject.number));
  return used
    .map((each) => ({ ...each, label: `sub-${places.get(each.number)}` }))
    .sort((a, b) => naturalOrder(a.number, b.number));
}
