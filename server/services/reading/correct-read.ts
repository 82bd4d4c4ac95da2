import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { CorrectRead } from "@/server/schemas/reading";
import { checkRead } from "./check-read";
import { shownCase } from "./shown-case";

/**
 * Corrects the read submitted last in the open list: a new read supersedes it, both stay. The same idempotency key again changes nothing.
 * @throws AppError "invalid" for an incomplete read, "conflict" when it is not the read submitted last or its list is complete or closed
 */
export async function correctRead(tx: Tx, actor: StudyActor, read: CorrectRead): Promise<void> {
  const previous = await shownCase(tx, actor, "previous");
  const { criteria, ruleSet, proposed } =
    previous?.slot_id === read.slotId
      ? checkRead(read, previous)
      : { criteria: read.criteria, ruleSet: null, proposed: null };
  await tx.execute(
    sql`select nw.correct_read(${read.slotId}::uuid, ${read.idempotencyKey}::uuid, ${read.reason}::text, ${JSON.stringify(criteria)}::jsonb, ${ruleSet}::text, ${proposed}::call, ${read.call}::call, ${read.overrideReason ?? null}::text, ${read.confidence}::int, ${read.activeMs}::int)`,
  );
}
