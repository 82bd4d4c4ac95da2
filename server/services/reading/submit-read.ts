import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { SubmitRead } from "@/server/schemas/reading";
import { checkRead } from "./check-read";
import { shownCase } from "./shown-case";

/**
 * Submits the read of the current case. The same idempotency key again changes nothing.
 * @returns whether this was the last case of its list
 * @throws AppError "invalid" for an incomplete read, "conflict" when the case is not the one being read
 */
export async function submitRead(tx: Tx, actor: StudyActor, read: SubmitRead): Promise<{ listDone: boolean }> {
  const current = await shownCase(tx, actor);
  const mine = current?.slot_id === read.slotId ? current : null;
  // A case that is not the current one is refused by the database, or was stored before.
  const { criteria, ruleSet, proposed } = mine
    ? checkRead(read, mine)
    : { criteria: read.criteria, ruleSet: null, proposed: null };
  await tx.execute(
    sql`select nw.submit_read(${read.slotId}::uuid, ${read.idempotencyKey}::uuid, ${JSON.stringify(criteria)}::jsonb, ${ruleSet}::text, ${proposed}::call, ${read.call}::call, ${read.overrideReason ?? null}::text, ${read.confidence}::int, ${read.activeMs}::int)`,
  );
  return { listDone: mine !== null && mine.position === mine.total };
}
