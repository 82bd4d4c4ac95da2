import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import { type ListSignature, signatureMeaning } from "@/server/schemas/reading";

const rows = z.array(
  z.object({
    list_id: z.string(),
    reader_code: z.string().nullable(),
    condition_key: z.string(),
    batch: z.int(),
    reads: z.int(),
    meaning: signatureMeaning.nullable(),
    protocol_version: z.string().nullable(),
    signed_name: z.string().nullable(),
    signed_at: z.coerce.date().nullable(),
    sha256: z.string().nullable(),
    stands: z.boolean().nullable(),
  }),
);

/** The lists of which reads were made here, each with the newest signature of its reader, the hash of which the database computes anew (`nw.signatures()`). */
export async function listSignatures(tx: Tx): Promise<ListSignature[]> {
  return rows.parse([...(await tx.execute(sql`select * from nw.signatures()`))]).map((row) => ({
    listId: row.list_id,
    readerCode: row.reader_code ?? "",
    condition: row.condition_key,
    batch: row.batch,
    reads: row.reads,
    signature:
      row.meaning && row.signed_at
        ? {
            meaning: row.meaning,
            protocolVersion: row.protocol_version ?? "",
            name: row.signed_name ?? "",
            at: row.signed_at,
            sha256: row.sha256 ?? "",
            stands: row.stands === true,
          }
        : null,
  }));
}
