import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { membership } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/**
 * Confirms, as the second person, a role that waits: from then on it counts. Who that may be is said by the database (`nw.not_the_second_person`),
 * which notes it, too. Once more, or twice at once, changes nothing.
 * @throws AppError "not_found" for a membership that is not there or ended; DatabaseError NW003 for who gave it, holds it, or may be either
 */
export async function confirmMember(tx: Tx, actor: StudyActor, options: { membershipId: string }): Promise<void> {
  const { membershipId } = options;
  await tx.execute(sql`select nw.confirm_member(${membershipId}::uuid)`);
  const [row] = await tx
    .select({ id: membership.id })
    .from(membership)
    .where(and(eq(membership.id, membershipId), eq(membership.studyId, actor.studyId), isNull(membership.endedAt)));
  if (!row) throw new AppError("not_found", { key: "errors.membership_ended" });
}
