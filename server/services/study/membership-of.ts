import { and, eq, isNull, sql } from "drizzle-orm";
import type { StudyRole, Tx } from "@/db/actor";
import { membership } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/**
 * The membership of whoever has this address, in this role.
 * @throws AppError "not_found" when the address has no account, or the person not the role
 */
export async function membershipOf(
  tx: Tx,
  actor: StudyActor,
  options: { email: string; role: StudyRole },
): Promise<{ membershipId: string }> {
  const { email, role } = options;
  const [person] = await tx.execute<{ id: string }>(sql`select id from nw.person_by_email(${email})`);
  if (!person) throw new AppError("not_found", { key: "errors.account_unknown", values: { email } });
  const [found] = await tx
    .select({ membershipId: membership.id })
    .from(membership)
    .where(
      and(
        eq(membership.studyId, actor.studyId),
        eq(membership.personId, person.id),
        eq(membership.role, role),
        isNull(membership.endedAt),
      ),
    );
  if (!found) throw new AppError("not_found", { key: "errors.role_not_held", values: { email, role } });
  return found;
}
