import { and, count, countDistinct, desc, eq, inArray } from "drizzle-orm";
import { qualityReasonsOf } from "@/core/protocol/imaging";
import type { Protocol } from "@/core/protocol/protocol";
import type { Tx } from "@/db/actor";
import { exam, imageInstance, imageSeries, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { qualityOf } from "@/server/services/series/quality-of";

/** The exams of a subject, the newest first; with what the scanner sent and whether it can be judged where the role sees that. */
export async function examsOf(
  tx: Tx,
  actor: StudyActor,
  { subjectId, withImages, imaging }: { subjectId: string; withImages: boolean } & Pick<Protocol, "imaging">,
) {
  const exams = await tx
    .select({
      id: exam.id,
      performedOn: exam.performedOn,
      scanner: exam.scanner,
      by: person.name,
      at: exam.recordedAt,
    })
    .from(exam)
    .leftJoin(person, eq(person.id, exam.recordedBy))
    .where(and(eq(exam.studyId, actor.studyId), eq(exam.subjectId, subjectId)))
    .orderBy(desc(exam.recordedAt));
  const ids = exams.map(({ id }) => id);
  if (!withImages || ids.length === 0) return exams.map((each) => ({ ...each, images: null, quality: null }));
  const counts = await tx
    .select({
      examId: imageSeries.examId,
      series: countDistinct(imageSeries.id),
      images: count(imageInstance.id),
    })
    .from(imageSeries)
    .innerJoin(imageInstance, eq(imageInstance.seriesId, imageSeries.id))
    .where(and(eq(imageSeries.studyId, actor.studyId), inArray(imageSeries.examId, ids)))
    .groupBy(imageSeries.examId);
  const reasons = qualityReasonsOf(imaging, actor.locale ?? "en");
  return Promise.all(
    exams.map(async (each) => ({
      ...each,
      images: counts.find(({ examId }) => examId === each.id) ?? { series: 0, images: 0 },
      quality: await qualityOf(tx, actor, { examId: each.id, reasons }),
    })),
  );
}
