import { and, asc, count, eq, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import { naturalOrder } from "@/core/text/natural-order";
import type { Tx } from "@/db/actor";
import { membership, readingClosure, readingList, readingProgress, subject } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { StudyProgress } from "@/server/schemas/study";
import { studyCounts } from "./study-counts";
import { studyProtocol } from "./study-protocol";

/** Seconds from one submitted read to the next of the same list above which somebody had a break in between. */
const longestRead = 600;

const times = z.array(
  z.object({
    reader: z.string(),
    condition: z.string(),
    n: z.int(),
    lower: z.number(),
    median: z.number(),
    upper: z.number(),
  }),
);

/**
 * How far a running study is, for whoever may know that reads were made but not what they say: accrual, reads by reader and condition, what is
 * missing, and how long a read takes. The time is that between two submissions, which is no secret; the one that the reader's browser measured
 * stands with the read and opens with it. Reads that were written at once, as an import does, have none.
 */
export async function studyProgress(tx: Tx, actor: StudyActor): Promise<StudyProgress> {
  const { document } = await studyProtocol(tx, actor);
  const { counts, missing } = await studyCounts(tx, actor);
  // UTC, so that everybody who looks sees the same days.
  const day = sql<string>`to_char(${subject.enrolledAt} at time zone 'UTC', 'YYYY-MM-DD')`;
  const enrolled = await tx
    .select({ day, subjects: count() })
    .from(subject)
    .where(and(eq(subject.studyId, actor.studyId), eq(subject.status, "enrolled"), isNotNull(subject.enrolledAt)))
    .groupBy(day)
    .orderBy(day);
  const done = tx
    .select({ listId: readingProgress.listId, done: count().as("done") })
    .from(readingProgress)
    .groupBy(readingProgress.listId)
    .as("done");
  const lists = await tx
    .select({
      reader: sql<string>`coalesce(${membership.readerCode}, '')`,
      condition: readingList.conditionKey,
      done: sql<number>`sum(coalesce(${done.done}, 0))::int`,
      total: sql<number>`sum(nw.list_length(${readingList.id}))::int`,
      closed: sql<boolean>`bool_or(${readingClosure.listId} is not null)`,
    })
    .from(readingList)
    .innerJoin(membership, eq(membership.id, readingList.membershipId))
    .leftJoin(done, eq(done.listId, readingList.id))
    .leftJoin(readingClosure, eq(readingClosure.listId, readingList.id))
    .where(eq(readingList.studyId, actor.studyId))
    .groupBy(membership.readerCode, readingList.conditionKey, readingList.conditionOrdinal)
    .orderBy(asc(readingList.conditionOrdinal));
  const measured = times.parse([
    ...(await tx.execute(sql`
      select coalesce(m.reader_code, '') as reader, l.condition_key as condition, count(*)::int as n,
             percentile_cont(0.25) within group (order by g.seconds) as lower,
             percentile_cont(0.5) within group (order by g.seconds) as median,
             percentile_cont(0.75) within group (order by g.seconds) as upper
        from (select list_id, extract(epoch from submitted_at - lag(submitted_at) over (partition by list_id order by submitted_at))::float8 as seconds
                from reading_progress where study_id = ${actor.studyId}) g
        join reading_list l on l.id = g.list_id
        join membership m on m.id = l.membership_id
       where g.seconds >= 1 and g.seconds <= ${longestRead}
       group by 1, 2`)),
  ]);
  const labels = new Map(document.conditions.map(({ key, label }) => [key, label]));
  return {
    counts,
    missing,
    accrual: { planned: document.accrual?.subjects ?? null, until: document.accrual?.until ?? null, enrolled },
    reads: lists
      .sort((a, b) => naturalOrder(a.reader, b.reader))
      .map(({ condition, ...list }) => {
        const time = measured.find((each) => each.reader === list.reader && each.condition === condition);
        return {
          ...list,
          condition: labels.get(condition) ?? condition,
          time: time ? { n: time.n, lower: time.lower, median: time.median, upper: time.upper } : null,
        };
      }),
  };
}
