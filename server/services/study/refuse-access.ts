import { sql } from "drizzle-orm";
import { withActor } from "@/server/door";
import type { FoundStudy } from "./find-study";

/** A refusal is an event of the audit trail, too. It has a transaction of its own, because the request has none. */
export async function refuseAccess({
  personId,
  study,
  action,
}: {
  personId: string;
  study: FoundStudy;
  action: string;
}): Promise<void> {
  const [membership] = study.memberships;
  if (!membership) return;
  const actor = {
    role: membership.role,
    personId,
    studyId: study.study.id,
    siteId: membership.siteId,
    membershipId: membership.id,
  };
  await withActor(actor, (tx) => tx.execute(sql`select nw.record_refusal(${action})`));
}
