import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { membership } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** Ends a membership (the database notes it): the person loses the role at the next request; what the person did stays. */
export async function endMember(tx: Tx, actor: StudyActor, options: { membershipId: string }): Promise<void> {
  if (options.membershipId === actor.membershipId) throw new AppError("conflict", { key: "errors.own_membership" });
  const ended = await tx
    .update(membership)
    .set({ endedAt: new Date() })
    .where(and(eq(membership.id, options.membershipId), eq(membership.studyId, actor.studyId), sql`ended_at is null`))
    .returning({ id: membership.id });
  if (ended.length === 0) throw new AppError("not_found", { key: "errors.membership_ended" });
}
