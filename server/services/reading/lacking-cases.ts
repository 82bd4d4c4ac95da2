import { sql } from "drizzle-orm";
import type { Protocol } from "@/core/protocol/protocol";
import type { Tx } from "@/db/actor";
import { unitOfCases } from "./unit-of-cases";

/** How many cases each reader lacks, where any, and how many come too late for that reader, who is shown more of their nodes already, in a later condition. */
export async function lackingCases(tx: Tx, document: Protocol) {
  const conditions = sql.param(document.conditions.map(({ key }) => key));
  const rows = await tx.execute<{ reader_code: string; cases: number; too_late: number }>(
    sql`select reader_code, cases, too_late from nw.count_lacking(${unitOfCases(document)}, ${conditions}::text[])`,
  );
  return rows.map((row) => ({ readerCode: row.reader_code, cases: row.cases, tooLate: row.too_late }));
}
