import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { underItsProtocol } from "./under-its-protocol";

/**
 * The case of this place with the protocol it is read under, as it was last shown to the reader; null when it would be shown otherwise now, was not shown
 * since it was read, or is not the reader's turn. A read of it is checked against this, never against what nobody saw.
 */
export async function caseInHand(tx: Tx, actor: StudyActor, slotId: string) {
  return underItsProtocol(tx, actor, await tx.execute(sql`select * from nw.case_in_hand(${slotId}::uuid)`));
}
