import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { type Locale, sayIn } from "@/core/words";
import type { Actor } from "@/db/actor";
import { withActor } from "@/server/door";
import { pagesAddress } from "@/server/env";
import { AppError } from "@/server/errors";
import { sendMail, sendsMail } from "@/server/mail";
import { sha256 } from "@/server/sha256";

/** Hours for which a link can be used, as `nw.make_password_link` has it. */
const linkHours = 24;

/**
 * Makes a link with which a person sets a new password, once, within a day; the links before it end, the password of before counts until then. Where
 * mail is set up the person alone gets it. The secret stands behind the #, which browsers send to no server, and is stored as its hash.
 * Manages its own transaction: the mail goes out after it.
 * @returns the link, to be shown once; null: it was sent
 * @throws AppError "not_found" for whoever could not sign in, "unavailable" when the mail could not be sent
 */
export async function makePasswordLink(
  actor: Actor,
  options: { email: string; locale: Locale },
): Promise<{ link: string | null; hours: number }> {
  const { email, locale } = options;
  const secret = randomBytes(32).toString("base64url");
  const link = `${pagesAddress()}/password#${secret}`;
  const mailed = sendsMail();
  await withActor(actor, async (tx) => {
    const [found] = await tx.execute<{ id: string }>(sql`select id from nw.person_by_email(${email})`);
    const [made] = found
      ? await tx.execute<{ done: boolean }>(
          sql`select nw.make_password_link(${found.id}, ${sha256(Buffer.from(secret))}, ${mailed ? "by mail" : "shown"}) as done`,
        )
      : [];
    if (!found || !made?.done) throw new AppError("not_found", { key: "errors.account_unknown", values: { email } });
  });
  if (!mailed) return { link, hours: linkHours };
  const say = sayIn(locale);
  await sendMail({
    to: email,
    subject: say({ key: "mail.password_subject" }),
    text: say({ key: "mail.password", values: { link, hours: linkHours } }),
  });
  return { link: null, hours: linkHours };
}
