import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { currentImage, exam, heldImage, imageSeries } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { inUse } from "@/server/services/enrolment/in-use";

/**
 * The file that an image is now, for who may see it. What is held is shown to whoever decides about it, a coordinator, and to nobody else.
 * @throws AppError "not_found" where there is none, or none that this role sees
 */
export async function findInstance(
  tx: Tx,
  actor: StudyActor,
  { instanceId }: { instanceId: string },
): Promise<{ sha256: string; bytes: number; isHeld: boolean }> {
  const [found] = await tx
    .select({
      sha256: currentImage.sha256,
      bytes: currentImage.bytes,
      held: heldImage.instanceId,
    })
    .from(currentImage)
    .innerJoin(imageSeries, eq(imageSeries.id, currentImage.seriesId))
    .innerJoin(exam, eq(exam.id, imageSeries.examId))
    .leftJoin(heldImage, eq(heldImage.instanceId, currentImage.id))
    .where(and(eq(currentImage.studyId, actor.studyId), eq(currentImage.id, instanceId), inUse(exam.subjectId)));
  if (!found || (found.held !== null && actor.role !== "coordinator"))
    throw new AppError("not_found", { key: "errors.image_unknown" });
  return { sha256: found.sha256, bytes: found.bytes, isHeld: found.held !== null };
}
