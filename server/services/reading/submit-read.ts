import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { SubmitRead } from "@/server/schemas/reading";
import { caseInHand } from "./case-in-hand";
import { checkRead } from "./check-read";
import { listDone } from "./list-done";

const submitted = z.tuple([
  z.discriminatedUnion("outcome", [
    z.object({ outcome: z.enum(["accepted", "already"]), done: z.boolean() }),
    z.object({ outcome: z.literal("incomplete") }),
  ]),
]);

/**
 * Submits the read of the current case. The same idempotency key again changes nothing.
 * @returns whether no further case of its list has its turn
 * @throws AppError "invalid" for an incomplete read, "conflict" when the case is not the one being read, or is no longer as it was shown
 */
export async function submitRead(tx: Tx, actor: StudyActor, read: SubmitRead): Promise<{ listDone: boolean }> {
  const display = read.display ? JSON.stringify(read.display) : null;
  const rows = await tx.execute(
    sql`select * from nw.submit_answer(${read.slotId}::uuid, ${read.idempotencyKey}::uuid, ${JSON.stringify(read.criteria)}::jsonb, ${read.call}::call, ${read.overrideReason ?? null}::text, ${read.confidence}::int, ${read.activeMs}::int, ${read.rating}::float8, ${read.notEvaluable}::text, ${display}::jsonb)`,
  );
  const [answer] = submitted.parse([...rows]);
  if (answer.outcome !== "incomplete") return { listDone: answer.done };
  // What is missing is said in words; what is not found here is refused by the database.
  const mine = await caseInHand(tx, actor, read.slotId);
  const stored = mine ? checkRead(read, mine) : { ...read, ruleSet: null, proposed: null };
  await tx.execute(
    sql`select nw.submit_read(${read.slotId}::uuid, ${read.idempotencyKey}::uuid, ${JSON.stringify(stored.criteria)}::jsonb, ${stored.ruleSet}::text, ${stored.proposed}::call, ${stored.call}::call, ${stored.overrideReason ?? null}::text, ${stored.confidence}::int, ${read.activeMs}::int, ${stored.rating}::float8, ${stored.notEvaluable}::text, ${display}::jsonb)`,
  );
  return { listDone: await listDone(tx, read.slotId) };
}
