import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { openedCase } from "@/server/services/reading/opened-case";
import { answeredLast } from "./answered-last";
import { findAnswer } from "./find-answer";
import { myPractice } from "./my-practice";
import { practiceInHand } from "./practice-in-hand";

/**
 * The practice case whose turn it is in a condition, null between two rounds, and how its reader stands. The bytes are added by `withImages`.
 * @param options.withLast whether the case answered last in the newest round comes with what it is
 * @throws AppError "not_found" for a condition that asks for no practice
 */
export async function openPractice(
  tx: Tx,
  actor: StudyActor,
  { condition, withLast = false }: { condition: string; withLast?: boolean },
) {
  const standing = (await myPractice(tx, actor)).find((each) => each.condition.key === condition);
  if (!standing) throw new AppError("not_found", { key: "errors.practice_not_asked" });
  const current = await practiceInHand(tx, actor, condition);
  const last = withLast ? await answeredLast(tx, actor, condition) : null;
  return {
    opened: current && openedCase(current),
    last: last && { opened: openedCase(last), answer: await findAnswer(tx, last.slot_id) },
    standing,
  };
}
