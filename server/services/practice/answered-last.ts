import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { underItsProtocol } from "@/server/services/reading/under-its-protocol";

/** The practice case that the reader answered last in the newest round of a condition, with the protocol of that round; null where none was answered. */
export async function answeredLast(tx: Tx, actor: StudyActor, condition: string) {
  return underItsProtocol(tx, actor, await tx.execute(sql`select * from nw.practice_answered_last(${condition})`));
}
