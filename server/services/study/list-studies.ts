import { and, desc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { StudyRole, Tx } from "@/db/actor";
import { membership, study } from "@/db/schema";

/** The studies of a person, newest first, with the person's roles in each that count. */
export async function listStudies(tx: Tx, { personId }: { personId: string }) {
  return tx
    .select({
      slug: study.slug,
      name: study.name,
      state: study.state,
      synthetic: study.synthetic,
      createdAt: study.createdAt,
      roles: sql<StudyRole[]>`array_agg(${membership.role}::text order by ${membership.role})`,
    })
    .from(study)
    .innerJoin(
      membership,
      and(
        eq(membership.studyId, study.id),
        eq(membership.personId, personId),
        isNotNull(membership.confirmedAt),
        isNull(membership.endedAt),
      ),
    )
    .groupBy(study.id)
    .orderBy(desc(study.createdAt));
}
