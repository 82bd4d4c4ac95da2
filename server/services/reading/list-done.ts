import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";

/** Whether the reader's list that has this place has nothing left to read, or has its turn no more: what comes then is opened by the reader. */
export async function listDone(tx: Tx, slotId: string): Promise<boolean> {
  const [row] = await tx.execute<{ done: boolean }>(sql`select nw.list_done(${slotId}::uuid) as done`);
  return row?.done === true;
}
