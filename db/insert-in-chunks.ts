import type { PgTable } from "drizzle-orm/pg-core";
import type { Tx } from "./actor";

/** Postgres takes 65,535 values a statement; no table here has more than 20 columns. */
const rowsPerInsert = 2_000;

/** Inserts any number of rows, in order, with as few statements as Postgres allows. */
export async function insertInChunks<T extends PgTable>(
  tx: Tx,
  table: T,
  rows: readonly T["$inferInsert"][],
): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsPerInsert)
    await tx.insert(table).values(rows.slice(from, from + rowsPerInsert));
}
