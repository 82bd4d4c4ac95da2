import { eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { currentCrop, node, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { cropKey } from "@/server/tables/places";

/** The images of a study, by the names that the rows of a file give them. */
export async function cropsByPlace(tx: Tx, { studyId }: StudyActor) {
  const crops = await tx
    .select({
      subject: subject.number,
      node: node.label,
      id: currentCrop.id,
      plane: currentCrop.plane,
      pixelSha256: currentCrop.pixelSha256,
      signature: currentCrop.signature,
      scaledFromWidth: currentCrop.scaledFromWidth,
      scaledFromHeight: currentCrop.scaledFromHeight,
    })
    .from(currentCrop)
    .innerJoin(node, eq(node.id, currentCrop.nodeId))
    .innerJoin(subject, eq(subject.id, node.subjectId))
    .where(eq(currentCrop.studyId, studyId));
  return new Map(crops.map((crop) => [cropKey(crop), crop]));
}
