import type { Tx } from "@/db/actor";
import { holdDecision } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { findOpenHolds } from "./find-open-holds";

/**
 * What a person who looked at a held image decided of it: it names nobody and is used, or it is not used. Every reason for which it is held is decided at once.
 * @throws AppError as `findOpenHolds`
 */
export async function decideHold(
  tx: Tx,
  actor: StudyActor,
  { instanceId, decision, reason }: { instanceId: string; decision: "cleared" | "rejected"; reason: string },
): Promise<void> {
  const open = await findOpenHolds(tx, actor, { instanceId });
  await tx.insert(holdDecision).values(open.map((holdId) => ({ holdId, studyId: actor.studyId, decision, reason })));
  await record(tx, "image.decided", { entity: "image", entityId: instanceId, reason, detail: { decision } });
}
