import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { exam, imageInstance, imageSeries } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { inUse } from "@/server/services/enrolment/in-use";

/**
 * The file of an image, for who may see it. What is held is shown to whoever decides about it, a coordinator, and to nobody else.
 * @throws AppError "not_found" where there is none, or none that this role sees
 */
export async function findInstance(
  tx: Tx,
  actor: StudyActor,
  { instanceId }: { instanceId: string },
): Promise<{ sha256: string; bytes: number }> {
  const [found] = await tx
    .select({
      sha256: imageInstance.sha256,
      bytes: imageInstance.bytes,
      isHeld: sql<boolean>`exists (select from image_hold h left join hold_decision d on d.hold_id = h.id
        where h.instance_id = ${imageInstance.id} and d.decision is distinct from 'cleared')`,
    })
    .from(imageInstance)
    .innerJoin(imageSeries, eq(imageSeries.id, imageInstance.seriesId))
    .innerJoin(exam, eq(exam.id, imageSeries.examId))
    .where(and(eq(imageInstance.studyId, actor.studyId), eq(imageInstance.id, instanceId), inUse(exam.subjectId)));
  if (!found || (found.isHeld && actor.role !== "coordinator"))
    throw new AppError("not_found", { key: "errors.image_unknown" });
  return found;
}
