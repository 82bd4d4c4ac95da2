import { and, eq, isNotNull, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { membership, study } from "@/db/schema";

/**
 * A study of this person, with the person's roles in it that count. Null when there is none: whoever is no member does not learn that it exists, and whose
 * roles all wait for a second person has none yet.
 */
export async function findStudy(tx: Tx, { slug, personId }: { slug: string; personId: string }) {
  const rows = await tx
    .select({
      study: {
        id: study.id,
        slug: study.slug,
        name: study.name,
        state: study.state,
        synthetic: study.synthetic,
        protocolVersionId: study.protocolVersionId,
      },
      membership: {
        id: membership.id,
        role: membership.role,
        siteId: membership.siteId,
        readerCode: membership.readerCode,
      },
    })
    .from(study)
    .innerJoin(membership, eq(membership.studyId, study.id))
    .where(
      and(
        eq(study.slug, slug),
        eq(membership.personId, personId),
        isNotNull(membership.confirmedAt),
        isNull(membership.endedAt),
      ),
    );
  const [first] = rows;
  return first ? { study: first.study, memberships: rows.map((row) => row.membership) } : null;
}

export type FoundStudy = NonNullable<Awaited<ReturnType<typeof findStudy>>>;
