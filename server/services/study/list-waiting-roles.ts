import { and, asc, eq, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { membership, study } from "@/db/schema";

/** The roles of a person that wait for a second person, each with the name of its study. */
export async function listWaitingRoles(tx: Tx, { personId }: { personId: string }) {
  return tx
    .select({ study: study.name, role: membership.role })
    .from(membership)
    .innerJoin(study, eq(study.id, membership.studyId))
    .where(and(eq(membership.personId, personId), isNull(membership.confirmedAt), isNull(membership.endedAt)))
    .orderBy(asc(membership.createdAt));
}
