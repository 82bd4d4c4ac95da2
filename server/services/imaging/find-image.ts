import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { crop, node } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { inUse } from "@/server/services/enrolment/in-use";

/** That this role may see a stored image: the row policy of its crop decides, and the subject's consent. @throws AppError "not_found" otherwise */
export async function findImage(tx: Tx, actor: StudyActor, { sha256 }: { sha256: string }): Promise<void> {
  const [found] = await tx
    .select({ sha256: crop.sha256 })
    .from(crop)
    .innerJoin(node, eq(node.id, crop.nodeId))
    .where(and(eq(crop.studyId, actor.studyId), eq(crop.sha256, sha256), inUse(node.subjectId)))
    .limit(1);
  if (!found) throw new AppError("not_found", { key: "errors.image_unknown" });
}
