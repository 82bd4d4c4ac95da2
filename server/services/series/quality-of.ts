import { and, desc, eq } from "drizzle-orm";
import type { qualityReasonsOf } from "@/core/protocol/imaging";
import type { Tx } from "@/db/actor";
import { imageQuality, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** The newest verdict on the images of an exam, with its reasons in the words of the protocol; null: none was given. */
export async function qualityOf(
  tx: Tx,
  { studyId }: StudyActor,
  { examId, reasons: known }: { examId: string; reasons: ReturnType<typeof qualityReasonsOf> },
) {
  const [newest] = await tx
    .select({
      verdict: imageQuality.verdict,
      reasons: imageQuality.reasons,
      at: imageQuality.judgedAt,
      by: person.name,
    })
    .from(imageQuality)
    .leftJoin(person, eq(person.id, imageQuality.judgedBy))
    .where(and(eq(imageQuality.studyId, studyId), eq(imageQuality.examId, examId)))
    .orderBy(desc(imageQuality.judgedAt), desc(imageQuality.id))
    .limit(1);
  return newest
    ? { ...newest, reasons: newest.reasons.map((reason) => known.find(({ key }) => key === reason)?.label ?? reason) }
    : null;
}
