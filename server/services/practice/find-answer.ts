import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { AppError } from "@/server/errors";
import { type PracticeAnswer, practiceAnswer } from "@/server/schemas/practice";

/**
 * What a practice case is: told to the reader who answered it in an earlier transaction.
 * @throws AppError "not_found" for one that was not answered
 */
export async function findAnswer(tx: Tx, slotId: string): Promise<PracticeAnswer> {
  const [found] = await tx.execute(sql`select * from nw.practice_answer(${slotId}::uuid)`);
  if (!found) throw new AppError("not_found", { key: "errors.practice_not_answered" });
  return practiceAnswer.parse(found);
}
