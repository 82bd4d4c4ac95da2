import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { type ReadingList, readingList } from "@/server/schemas/reading";
import { studyProtocol } from "@/server/services/study/study-protocol";

/** A reader's own lists: how far each is, whether it is open, and when it opens. */
export async function myLists(tx: Tx, actor: StudyActor): Promise<ReadingList[]> {
  const { document } = await studyProtocol(tx, actor);
  const labels = new Map(document.conditions.map((condition) => [condition.key, condition.label]));
  const rows = await tx.execute<Record<string, unknown>>(sql`select * from nw.my_lists()`);
  return rows.map((row) =>
    readingList.parse({
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
    }),
  );
}
