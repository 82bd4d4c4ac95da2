import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { membership, readingClosure, readingList, readingProgress } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/**
 * Closes what a reader still has to read, with the reason: the reads that are there stay, nothing is outstanding any more, and what was closed is not
 * drawn for this reader again.
 * @throws AppError "conflict" when nothing of this reader is outstanding
 */
export async function closeReading(
  tx: Tx,
  actor: StudyActor,
  { readerCode, reason }: { readerCode: string; reason: string },
): Promise<{ closed: number }> {
  await hold(tx, "reading schedule of a study", actor.studyId);
  const done = sql`(select count(*) from ${readingProgress} where ${readingProgress.listId} = ${readingList.id})`;
  const open = await tx
    .select({ id: readingList.id, left: sql<number>`(nw.list_length(${readingList.id}) - ${done})::int` })
    .from(readingList)
    .innerJoin(membership, eq(membership.id, readingList.membershipId))
    .leftJoin(readingClosure, eq(readingClosure.listId, readingList.id))
    .where(
      and(
        eq(readingList.studyId, actor.studyId),
        eq(membership.readerCode, readerCode),
        isNull(readingClosure.listId),
        sql`nw.list_length(${readingList.id}) > ${done}`,
      ),
    );
  if (open.length === 0) throw new AppError("conflict", { key: "errors.nothing_outstanding", values: { readerCode } });
  await tx.insert(readingClosure).values(open.map(({ id }) => ({ listId: id, studyId: actor.studyId, reason })));
  const closed = open.reduce((sum, { left }) => sum + left, 0);
  return { closed };
}
