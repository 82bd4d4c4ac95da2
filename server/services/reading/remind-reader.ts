import { and, eq, isNull, max, sql } from "drizzle-orm";
import { type Locale, sayIn } from "@/core/words";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { membership, person, readingReminder } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { pagesAddress } from "@/server/env";
import { AppError } from "@/server/errors";
import { sendMail, sendsMail } from "@/server/mail";
import { listProgress } from "./list-progress";

/** Hours between two reminders of a reader. */
const reminderHours = 24;

/**
 * Reminds a reader by mail of what is open, once a day at most. The mail says how many cases wait in which study, and nothing of them.
 * What was sent is recorded: a mail that the server did not take leaves no record.
 * @throws AppError "conflict" when nothing is open for this reader, after a reminder within a day, or when no mail server is set up; "unavailable" when the mail could not be sent
 */
export async function remindReader(
  tx: Tx,
  actor: StudyActor,
  { readerCode, study, locale }: { readerCode: string; study: { slug: string; name: string }; locale: Locale },
): Promise<void> {
  if (!sendsMail()) throw new AppError("conflict", { key: "errors.no_mail_server" });
  await hold(tx, "reminders of a reader", readerCode);
  const [reader] = await tx
    .select({ id: membership.id, email: person.email })
    .from(membership)
    .innerJoin(person, eq(person.id, membership.personId))
    .where(
      and(
        eq(membership.studyId, actor.studyId),
        eq(membership.role, "reader"),
        eq(membership.readerCode, readerCode),
        isNull(membership.endedAt),
        isNull(person.disabledAt),
      ),
    );
  const { lists } = await listProgress(tx, actor);
  const left = lists
    .filter((list) => list.readerCode === readerCode && list.state === "open")
    .reduce((sum, { total, done }) => sum + total - done, 0);
  if (!reader || left === 0) throw new AppError("conflict", { key: "errors.nothing_open", values: { readerCode } });
  const [last] = await tx
    .select({ at: max(readingReminder.remindedAt) })
    .from(readingReminder)
    .innerJoin(membership, eq(membership.id, readingReminder.membershipId))
    .where(
      and(
        eq(membership.studyId, actor.studyId),
        eq(membership.readerCode, readerCode),
        sql`${readingReminder.remindedAt} > now() - make_interval(hours => ${reminderHours})`,
      ),
    );
  if (last?.at)
    throw new AppError("conflict", {
      key: "errors.reminded_already",
      values: { readerCode, hours: reminderHours },
    });
  await tx.insert(readingReminder).values({ studyId: actor.studyId, membershipId: reader.id });
  await record(tx, "reader.reminded", { entity: "reader", entityId: readerCode, detail: { cases: left } });
  // Last: what was not sent is not recorded, and what cannot be recorded is not sent.
  const say = sayIn(locale);
  await sendMail({
    to: reader.email,
    subject: say({ key: "mail.reminder_subject", values: { study: study.name } }),
    text: say({
      key: "mail.reminder",
      values: { study: study.name, cases: left, link: `${pagesAddress()}/studies/${study.slug}/reading` },
    }),
  });
}
