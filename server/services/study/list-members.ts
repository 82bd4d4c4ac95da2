import { asc, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { membership, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import type { Members } from "@/server/schemas/study";

/** Everybody in the study, ended memberships last. */
export async function listMembers(tx: Tx, actor: StudyActor): Promise<Members> {
  return tx
    .select({
      id: membership.id,
      name: person.name,
      email: person.email,
      role: membership.role,
      readerCode: membership.readerCode,
      since: membership.createdAt,
      endedAt: membership.endedAt,
    })
    .from(membership)
    .innerJoin(person, eq(person.id, membership.personId))
    .where(eq(membership.studyId, actor.studyId))
    .orderBy(
      sql`${membership.endedAt} nulls first`,
      asc(membership.role),
      asc(membership.readerCode),
      asc(person.name),
    );
}
