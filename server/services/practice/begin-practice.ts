import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";

/** Begins a round of practice in a condition: the first, or another after one that was not passed. Where one is under way or was passed, nothing changes. */
export async function beginPractice(tx: Tx, condition: string): Promise<void> {
  await tx.execute(sql`select nw.begin_practice(${condition})`);
}
