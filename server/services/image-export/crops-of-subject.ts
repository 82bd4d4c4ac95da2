import { and, asc, eq, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { blackedCrop, cropSource, currentCrop, currentImage, heldImage, studiedNode } from "@/db/schema";
import type { StudyActor } from "@/server/door";

/** The crops that count of a subject's nodes that are in the study, with where they were cut; none without a picture, none out of an image that is held, and none that shows what was filled with black since. */
export async function cropsOfSubject(tx: Tx, { studyId }: StudyActor, { subjectId }: { subjectId: string }) {
  const crops = await tx
    .select({
      node: studiedNode.ordinal,
      region: studiedNode.region,
      plane: currentCrop.plane,
      width: currentCrop.width,
      height: currentCrop.height,
      sha256: currentCrop.sha256,
      originalSha256: currentCrop.originalSha256,
      bitDepth: currentCrop.bitDepth,
      windowLow: currentCrop.windowLow,
      windowHigh: currentCrop.windowHigh,
      source: cropSource,
      image: { sha256: currentImage.sha256, sopInstanceUid: currentImage.uid },
    })
    .from(currentCrop)
    .innerJoin(studiedNode, and(eq(studiedNode.id, currentCrop.nodeId), eq(studiedNode.studyId, currentCrop.studyId)))
    .leftJoin(cropSource, eq(cropSource.cropId, currentCrop.id))
    .leftJoin(currentImage, eq(currentImage.id, cropSource.instanceId))
    .leftJoin(heldImage, eq(heldImage.instanceId, cropSource.instanceId))
    .leftJoin(blackedCrop, eq(blackedCrop.cropId, currentCrop.id))
    .where(
      and(
        eq(currentCrop.studyId, studyId),
        eq(studiedNode.subjectId, subjectId),
        isNull(heldImage.instanceId),
        isNull(blackedCrop.cropId),
      ),
    )
    .orderBy(asc(studiedNode.ordinal), asc(currentCrop.plane));
  return crops.flatMap(({ sha256, ...crop }) => (sha256 === null ? [] : [{ ...crop, sha256 }]));
}
