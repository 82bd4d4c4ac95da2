import { and, eq, isNull, ne, sql } from "drizzle-orm";
import type { StudyRole, Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { membership, person } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { addAccount } from "@/server/services/account/add-account";

/**
 * Adds a person to the study in a role (the database notes it); a person without an account gets one with the password given. Pairs of roles that would break the
 * blinding, and reader codes that are somebody else's, are refused by the database, and so is a role for oneself. Whoever is of one site adds members of
 * that site. A reader who left and is added again goes on where the lists stand. A role that shows truth or identity, or gives roles, waits for a second
 * person (`confirmMember`). An account that a manager of other studies made is refused until its password was set with a link (`nw.refuse_foreign_account`).
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
  const personId = known?.id ?? (await addNamed(tx, options));
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
  if (options.readerCode !== null) await refuseCodeOfAnother(tx, actor, { personId, readerCode: options.readerCode });
  await tx.insert(membership).values({
    studyId: actor.studyId,
    personId,
    siteId: actor.siteId,
    role: options.role,
    readerCode: options.readerCode,
  });
  return { created: !known };
}

async function addNamed(tx: Tx, options: { email: string; name: string | null; passwordHash: string }) {
  const { email, name, passwordHash } = options;
  if (!name) throw new AppError("invalid", { key: "errors.account_without_name", values: { email } });
  return addAccount(tx, { email, name, passwordHash });
}

/** Says whose code it is; that it stays that person's is seen to by the database. */
async function refuseCodeOfAnother(
  tx: Tx,
  actor: StudyActor,
  { personId, readerCode }: { personId: string; readerCode: string },
): Promise<void> {
  await hold(tx, "reader codes of a study", actor.studyId);
  const [holder] = await tx
    .select({ name: person.name })
    .from(membership)
    .innerJoin(person, eq(person.id, membership.personId))
    .where(
      and(
        eq(membership.studyId, actor.studyId),
        eq(sql`lower(${membership.readerCode})`, readerCode.toLowerCase()),
        ne(membership.personId, personId),
      ),
    )
    .limit(1);
  if (holder)
    throw new AppError("conflict", {
      key: "errors.database.reader_code_of_another",
      values: { code: readerCode, person: holder.name },
    });
}
