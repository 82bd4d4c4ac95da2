import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { underItsProtocol } from "@/server/services/reading/under-its-protocol";

/** The practice case of the reader whose turn it is in a condition, with the protocol of its round; null where no round is under way. */
export async function practiceInHand(tx: Tx, actor: StudyActor, condition: string) {
  return underItsProtocol(tx, actor, await tx.execute(sql`select * from nw.practice_in_hand(${condition})`));
}
