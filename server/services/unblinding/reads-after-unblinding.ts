import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import { unblindedFact } from "@/server/schemas/unblinding";

const rows = z.array(z.object({ read_id: z.string(), subject_id: z.string(), told: z.array(unblindedFact) }));

/**
 * The reads that were made after their reader was told something of their patient (`nw.reads_after_unblinding()`): what, by the id of the read, and of how many patients they are. None before the lock.
 */
export async function findReadsAfterUnblinding(tx: Tx) {
  const found = rows.parse([
    ...(await tx.execute(sql`select read_id, subject_id, to_jsonb(told) as told from nw.reads_after_unblinding()`)),
  ]);
  return {
    told: new Map(found.map(({ read_id, told }) => [read_id, told])),
    patients: new Set(found.map(({ subject_id }) => subject_id)).size,
  };
}
