import { createTransport } from "nodemailer";
import { env } from "./env";
import { AppError } from "./errors";

/** Milliseconds that a mail server has for each step. */
const patience = 10_000;

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
  try {
    // As an object, so that an address is one address whatever stands in it.
    await transport.sendMail({ ...mail, from: MAIL_FROM, to: { name: "", address: mail.to } });
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new AppError("unavailable", { key: "errors.mail_not_sent", values: { reason } });
  } finally {
    transport.close();
  }
}
