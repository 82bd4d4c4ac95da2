import { asc, eq, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { isWordKey } from "@/core/words";
import type { Tx } from "@/db/actor";
import { membership, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { Members } from "@/server/schemas/study";

/** Everybody in the study, ended memberships last; of a role that waits, why the actor is not the second person that it needs. */
export async function listMembers(tx: Tx, actor: StudyActor): Promise<Members> {
  const giver = alias(person, "giver");
  const rows = await tx
    .select({
      id: membership.id,
      name: person.name,
      email: person.email,
      role: membership.role,
      readerCode: membership.readerCode,
      since: membership.createdAt,
      givenBy: giver.name,
      endedAt: membership.endedAt,
    })
    .from(membership)
    .innerJoin(person, eq(person.id, membership.personId))
    .leftJoin(giver, eq(giver.id, membership.givenBy))
    .where(eq(membership.studyId, actor.studyId))
    .orderBy(
      sql`${membership.endedAt} nulls first`,
      asc(membership.role),
      asc(membership.readerCode),
      asc(person.name),
    );
  const waiting = await tx.execute<{ id: string; obstacle: string | null }>(
    sql`select id, obstacle from nw.waiting_members()`,
  );
  const obstacles = new Map([...waiting].map(({ id, obstacle }) => [id, obstacle && `errors.database.${obstacle}`]));
  return rows.map((row) => {
    const key = obstacles.get(row.id);
    return { ...row, waits: obstacles.has(row.id), obstacle: key && isWordKey(key) ? { key } : null };
  });
}
