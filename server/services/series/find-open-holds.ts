import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { holdDecision, imageHold } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/**
 * The reasons for which an image is held and about which nobody has decided; to the end of the transaction nobody else decides.
 * @throws AppError "not_found" for an image that is not held, "conflict" where somebody decided before
 */
export async function findOpenHolds(
  tx: Tx,
  actor: StudyActor,
  { instanceId }: { instanceId: string },
): Promise<string[]> {
  await hold(tx, "a held image", instanceId);
  const holds = await tx
    .select({ id: imageHold.id, decision: holdDecision.decision })
    .from(imageHold)
    .leftJoin(holdDecision, eq(holdDecision.holdId, imageHold.id))
    .where(and(eq(imageHold.studyId, actor.studyId), eq(imageHold.instanceId, instanceId)));
  if (holds.length === 0) throw new AppError("not_found", { key: "errors.image_unknown" });
  const open = holds.filter((each) => each.decision === null);
  if (open.length === 0) throw new AppError("conflict", { key: "errors.hold_decided" });
  return open.map(({ id }) => id);
}
