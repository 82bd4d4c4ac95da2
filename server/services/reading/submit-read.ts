import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { SubmitRead } from "@/server/schemas/reading";
import { caseInHand } from "./case-in-hand";
import { checkRead } from "./check-read";
import { listDone } from "./list-done";

/**
 * Submits the read of the current case. The same idempotency key again changes nothing.
 * @returns whether no further case of its list has its turn
 * @throws AppError "invalid" for an incomplete read, "conflict" when the case is not the one being read, or is no longer as it was shown
 */
export async function submitRead(tx: Tx, actor: StudyActor, read: SubmitRead): Promise<{ listDone: boolean }> {
  const mine = await caseInHand(tx, actor, read.slotId);
  // A case that is not in hand is refused by the database, or was stored before.
  const stored = mine ? checkRead(read, mine) : { ...read, ruleSet: null, proposed: null };
  await tx.execute(
    sql`select nw.submit_read(${read.slotId}::uuid, ${read.idempotencyKey}::uuid, ${JSON.stringify(stored.criteria)}::jsonb, ${stored.ruleSet}::text, ${stored.proposed}::call, ${stored.call}::call, ${stored.overrideReason ?? null}::text, ${stored.confidence}::int, ${read.activeMs}::int, ${stored.rating}::float8, ${stored.notEvaluable}::text, ${read.display ? JSON.stringify(read.display) : null}::jsonb)`,
  );
  return { listDone: await listDone(tx, read.slotId) };
}
