import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";

/**
 * Notes files that are about to be stored, in a transaction of its own: should none that names them follow (`takeNotedFiles`), the worker deletes them from the
 * store (`deleteUnnamedFiles`).
 * @returns the id by which they are named
 */
export async function noteStoring(tx: Tx, hashes: readonly string[]): Promise<string> {
  const attempt = randomUUID();
  await tx.execute(sql`select nw.note_storing(${attempt}, ${`{${hashes.join(",")}}`}::text[])`);
  return attempt;
}
