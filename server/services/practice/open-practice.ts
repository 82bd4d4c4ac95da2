import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { openedCase } from "@/server/services/reading/opened-case";
import { myPractice } from "./my-practice";
import { practiceInHand } from "./practice-in-hand";

/**
 * The practice case whose turn it is in a condition, null between two rounds, and how its reader stands. The bytes are added by `withImages`.
 * @throws AppError "not_found" for a condition that asks for no practice
 */
export async function openPractice(tx: Tx, actor: StudyActor, condition: string) {
  const standing = (await myPractice(tx, actor)).find((each) => each.condition.key === condition);
  if (!standing) throw new AppError("not_found", { key: "errors.practice_not_asked" });
  const current = await practiceInHand(tx, actor, condition);
  return { opened: current && openedCase(current), standing };
}
