import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { holdDecision, imageHold } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/**
 * What a person who looked at a held image decided of it: it names nobody and is used, or it is not used. Every reason for which it is held is decided at once.
 * @throws AppError "not_found" for an image that is not held, "conflict" where somebody decided before
 */
export async function decideHold(
  tx: Tx,
  actor: StudyActor,
  { instanceId, decision, reason }: { instanceId: string; decision: "cleared" | "rejected"; reason: string },
): Promise<void> {
  const holds = await tx
    .select({ id: imageHold.id, decision: holdDecision.decision })
    .from(imageHold)
    .leftJoin(holdDecision, eq(holdDecision.holdId, imageHold.id))
    .where(and(eq(imageHold.studyId, actor.studyId), eq(imageHold.instanceId, instanceId)));
  if (holds.length === 0) throw new AppError("not_found", { key: "errors.image_unknown" });
  const open = holds.filter((each) => each.decision === null);
  if (open.length === 0) throw new AppError("conflict", { key: "errors.hold_decided" });
  await tx
    .insert(holdDecision)
    .values(open.map(({ id }) => ({ holdId: id, studyId: actor.studyId, decision, reason })));
  await record(tx, "image.decided", { entity: "image", entityId: instanceId, reason, detail: { decision } });
}
