import { randomUUID } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { StudyRole, Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { credential, membership, person } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";

/**
 * Adds a person to the study in a role; a person without an account gets one with the password given. Pairs of roles that would break the
 * blinding, and reader codes that are somebody else's, are refused by the database. A reader who left and is added again goes on where the lists stand.
 * @returns whether an account was made, so that its password is shown
 */
export async function addMember(
  tx: Tx,
  actor: StudyActor,
  options: { email: string; name: string | null; role: StudyRole; readerCode: string | null; passwordHash: string },
): Promise<{ created: boolean }> {
  if ((options.role === "reader") !== (options.readerCode !== null)) {
    throw new AppError("invalid", {
      key: options.role === "reader" ? "errors.reader_without_code" : "errors.code_without_reader",
    });
  }
  await hold(tx, "account of an address", options.email.toLowerCase());
  const [known] = await tx.execute<{ id: string }>(sql`select id from nw.person_by_email(${options.email})`);
  if (!known && !options.name)
    throw new AppError("invalid", { key: "errors.account_without_name", values: { email: options.email } });
  const personId = known?.id ?? randomUUID();
  if (!known && options.name) {
    await tx.insert(person).values({ id: personId, email: options.email.toLowerCase(), name: options.name });
    await tx.insert(credential).values({ personId, passwordHash: options.passwordHash });
  }
  const [there] = await tx
    .select({ id: membership.id })
    .from(membership)
    .where(
      and(
        eq(membership.studyId, actor.studyId),
        eq(membership.personId, personId),
        eq(membership.role, options.role),
        isNull(membership.endedAt),
      ),
    );
  if (there) throw new AppError("conflict", { key: "errors.member_already" });
  await tx
    .insert(membership)
    .values({ studyId: actor.studyId, personId, role: options.role, readerCode: options.readerCode });
  await record(tx, "member.added", {
    entity: "person",
    entityId: personId,
    detail: { role: options.role, readerCode: options.readerCode },
  });
  return { created: !known };
}
