import { setTimeout as wait } from "node:timers/promises";
import { createTransport } from "nodemailer";
import { env } from "./env";
import { AppError } from "./errors";

/** Milliseconds that a mail server has for each step, and for all of them, its name included: whoever asks holds a transaction open meanwhile. */
const [patience, longest] = [10_000, 20_000];

/** Whether this installation sends mail (`SMTP_URL`). */
export const sendsMail = (): boolean => env().SMTP_URL !== undefined;

/** Sends a mail to one person. @throws AppError "unavailable" when the mail server did not take it */
export async function sendMail(mail: { to: string; subject: string; text: string }): Promise<void> {
  const { SMTP_URL, MAIL_FROM } = env();
  const transport = createTransport({
    url: SMTP_URL,
    connectionTimeout: patience,
    greetingTimeout: patience,
    socketTimeout: patience,
  });
  const ended = new AbortController();
  try {
    await Promise.race([
      // As an object, so that an address is one address whatever stands in it.
      transport.sendMail({ ...mail, from: MAIL_FROM, to: { name: "", address: mail.to } }),
      wait(longest, undefined, { signal: ended.signal }).then(() => {
        throw Object.assign(new Error("The mail server took too long."), { code: "ETIMEDOUT" });
      }),
    ]);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new AppError("unavailable", { key: "errors.mail_not_sent", values: { reason } });
  } finally {
    ended.abort();
    transport.close();
  }
}
