import { and, eq, isNotNull, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { membership, study } from "@/db/schema";

/**
 * A study of this person, with the person's roles in it that count. Null when there is none: whoever is no member does not learn that it exists, and whose
 * roles all wait for a second person has none yet.
 */
export async function findStudy(tx: Tx, { slug, personId }: { slug: string; personId: string }) {
  const [found] = await tx
    .select({
      id: study.id,
      slug: study.slug,
      name: study.name,
      state: study.state,
      synthetic: study.synthetic,
      protocolVersionId: study.protocolVersionId,
    })
    .from(study)
    .where(eq(study.slug, slug));
  if (!found) return null;
  const memberships = await tx
    .select({ id: membership.id, role: membership.role, siteId: membership.siteId, readerCode: membership.readerCode })
    .from(membership)
    .where(
      and(
        eq(membership.studyId, found.id),
        eq(membership.personId, personId),
        isNotNull(membership.confirmedAt),
        isNull(membership.endedAt),
      ),
    );
  return memberships.length > 0 ? { study: found, memberships } : null;
}

export type FoundStudy = NonNullable<Awaited<ReturnType<typeof findStudy>>>;
