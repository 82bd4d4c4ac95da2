import { and, asc, eq, isNotNull, or } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { blackedCrop, cropSource, currentCrop, heldImage, studiedNode, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/**
 * The crops that count and may name somebody: cut out of an image that came to be held since, or showing what was filled with black since. They are exported no more, but
 * who reads them sees them: they are cut again, or their node is excluded.
 */
export async function listTellingCrops(tx: Tx, { studyId }: StudyActor) {
  return tx
    .selectDistinct({ subject: subject.number, node: studiedNode.label, plane: currentCrop.plane })
    .from(currentCrop)
    .innerJoin(cropSource, eq(cropSource.cropId, currentCrop.id))
    .innerJoin(studiedNode, and(eq(studiedNode.id, currentCrop.nodeId), eq(studiedNode.studyId, currentCrop.studyId)))
    .innerJoin(subject, eq(subject.id, studiedNode.subjectId))
    .leftJoin(heldImage, eq(heldImage.instanceId, cropSource.instanceId))
    .leftJoin(blackedCrop, eq(blackedCrop.cropId, currentCrop.id))
    .where(and(eq(currentCrop.studyId, studyId), or(isNotNull(heldImage.instanceId), isNotNull(blackedCrop.cropId))))
    .orderBy(asc(subject.number), asc(studiedNode.label), asc(currentCrop.plane));
}
