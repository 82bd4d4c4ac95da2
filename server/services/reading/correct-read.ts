import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { CorrectRead } from "@/server/schemas/reading";
import { caseInHand } from "./case-in-hand";
import { checkRead } from "./check-read";
import { listDone } from "./list-done";

/**
 * Corrects the read submitted last in the open list: a new read supersedes it, both stay. The same idempotency key again changes nothing.
 * @returns whether no further case of its list has its turn
 * @throws AppError "invalid" for an incomplete read, "conflict" when it is not the read submitted last, its list is complete or closed, or the
 * case was not shown again as it is now
 */
export async function correctRead(tx: Tx, actor: StudyActor, read: CorrectRead): Promise<{ listDone: boolean }> {
  const previous = await caseInHand(tx, actor, read.slotId);
  // A case that is not in hand is refused by the database, or was stored before.
  const stored = previous ? checkRead(read, previous) : { ...read, ruleSet: null, proposed: null };
  await tx.execute(
    sql`select nw.correct_read(${read.slotId}::uuid, ${read.idempotencyKey}::uuid, ${read.reason}::text, ${JSON.stringify(stored.criteria)}::jsonb, ${stored.ruleSet}::text, ${stored.proposed}::call, ${stored.call}::call, ${stored.overrideReason ?? null}::text, ${stored.confidence}::int, ${read.activeMs}::int, ${stored.rating}::float8, ${stored.notEvaluable}::text, ${read.display ? JSON.stringify(read.display) : null}::jsonb)`,
  );
  return { listDone: await listDone(tx, read.slotId) };
}
