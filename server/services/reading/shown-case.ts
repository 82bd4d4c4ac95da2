import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { Turn } from "@/server/schemas/reading";
import { underItsProtocol } from "./under-its-protocol";

/**
 * A case of the reader with the protocol it is read under; null when no list is open or, of the previous case, when none was read in it. The database
 * notes it as shown when it first hands it out.
 */
export async function shownCase(tx: Tx, actor: StudyActor, turn: Turn = "current") {
  return underItsProtocol(
    tx,
    actor,
    await tx.execute(turn === "current" ? sql`select * from nw.current_case()` : sql`select * from nw.previous_case()`),
  );
}
