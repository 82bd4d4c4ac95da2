import { randomBytes, randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { and, asc, eq, sql } from "drizzle-orm";
import type { StudyRole, Tx } from "@/db/actor";
import { credential, membership, person } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { Members } from "@/server/schemas/study";

/** A password for a first sign-in, shown once, and its hash. Slow on purpose: called before the transaction. */
export async function initialPassword() {
  const password = randomBytes(12).toString("base64url");
  return { password, passwordHash: await hash(password) };
}

/**
 * Adds a person to the study in a role; a person without an account gets one with the password given. Pairs of roles that would break the
 * blinding are refused by the database.
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
  const [known] = await tx.execute<{ id: string }>(sql`select id from nw.person_by_email(${options.email})`);
  if (!known && !options.name)
    throw new AppError("invalid", { key: "errors.account_without_name", values: { email: options.email } });
  const personId = known?.id ?? randomUUID();
  if (!known && options.name) {
    await tx.insert(person).values({ id: personId, email: options.email.toLowerCase(), name: options.name });
    await tx.insert(credential).values({ personId, passwordHash: options.passwordHash });
  }
  const [there] = await tx
    .select({ readerCode: membership.readerCode })
    .from(membership)
    .where(
      and(
        eq(membership.studyId, actor.studyId),
        eq(membership.readerCode, options.readerCode ?? ""),
        sql`ended_at is null`,
      ),
    );
  if (there)
    throw new AppError("conflict", { key: "errors.reader_code_taken", values: { code: options.readerCode ?? "" } });
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

/** Ends a membership: the person loses the role at the next request; what the person did stays. */
export async function endMember(tx: Tx, actor: StudyActor, options: { membershipId: string }): Promise<void> {
  if (options.membershipId === actor.membershipId) throw new AppError("conflict", { key: "errors.own_membership" });
  const ended = await tx
    .update(membership)
    .set({ endedAt: new Date() })
    .where(and(eq(membership.id, options.membershipId), eq(membership.studyId, actor.studyId), sql`ended_at is null`))
    .returning({ personId: membership.personId, role: membership.role });
  const [row] = ended;
  if (!row) throw new AppError("not_found", { key: "errors.membership_ended" });
  await record(tx, "member.ended", { entity: "person", entityId: row.personId, detail: { role: row.role } });
}

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
