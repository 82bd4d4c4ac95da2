import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { SubmitPractice } from "@/server/schemas/practice";
import { checkRead } from "@/server/services/reading/check-read";
import { practiceInHand } from "./practice-in-hand";

/**
 * Submits what the reader says of the practice case in hand, by the rules of a read. The same idempotency key again changes nothing. What the case is, a later transaction tells
 * (`findAnswer`).
 * @throws AppError "invalid" for an incomplete read, "conflict" when the case is not the one in hand
 */
export async function submitPractice(tx: Tx, actor: StudyActor, read: SubmitPractice): Promise<void> {
  const mine = await practiceInHand(tx, actor, read.condition);
  // A case that is not in hand is refused by the database, or was stored before.
  const stored = mine?.slot_id === read.slotId ? checkRead(read, mine) : { ...read, ruleSet: null, proposed: null };
  await tx.execute(
    sql`select nw.submit_practice(${read.condition}, ${read.slotId}::uuid, ${read.idempotencyKey}::uuid, ${JSON.stringify(stored.criteria)}::jsonb, ${stored.ruleSet}::text, ${stored.proposed}::call, ${stored.call}::call, ${stored.overrideReason ?? null}::text, ${stored.confidence}::int, ${read.activeMs}::int, ${stored.rating}::float8, ${stored.notEvaluable}::text)`,
  );
}
