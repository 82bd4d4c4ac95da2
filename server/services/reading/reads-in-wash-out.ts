import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";

/** The ids of the reads that were made before the wash-out of their list was over (`nw.reads_in_wash_out()`). None before the lock. */
export async function readsInWashOut(tx: Tx): Promise<ReadonlySet<string>> {
  const rows = await tx.execute<{ id: string }>(sql`select id from nw.reads_in_wash_out() id`);
  return new Set(rows.map(({ id }) => id));
}
