import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { type ReadingList, readingList, signatureMeaning } from "@/server/schemas/reading";
import { studyProtocol } from "@/server/services/study/study-protocol";

const signatures = z.array(
  z.object({
    list_id: z.string(),
    reads: z.int(),
    sha256: z.string(),
    first_at: z.coerce.date(),
    last_at: z.coerce.date(),
    meaning: signatureMeaning,
    signed_at: z.coerce.date().nullable(),
    stands: z.boolean().nullable(),
  }),
);

/** A reader's own lists: how far each is, whether it is open, when it opens, and what of it is signed. */
export async function myLists(tx: Tx, actor: StudyActor): Promise<ReadingList[]> {
  const { document } = await studyProtocol(tx, actor);
  const labels = new Map(document.conditions.map((condition) => [condition.key, condition.label]));
  const rows = await tx.execute<Record<string, unknown>>(sql`select * from nw.my_lists()`);
  const toSign = new Map(
    signatures
      .parse([...(await tx.execute(sql`select * from nw.my_signatures()`))])
      .map(({ list_id, reads, sha256, first_at, last_at, meaning, signed_at, stands }) => [
        list_id,
        {
          ...{ reads, sha256, meaning, from: first_at, to: last_at },
          signed: signed_at && { at: signed_at, stands: stands === true },
        },
      ]),
  );
  return rows.map((row) =>
    readingList.parse({
      id: row.list_id,
      condition: {
        key: row.condition_key,
        label: labels.get(String(row.condition_key)) ?? row.condition_key,
        shows: row.shows,
      },
      batch: row.batch,
      washOutDays: Number(row.wash_out_days),
      total: row.total,
      done: row.done,
      opensAt: row.opens_at ? new Date(String(row.opens_at)) : null,
      state: row.state,
      toSign: toSign.get(String(row.list_id)) ?? null,
    }),
  );
}
