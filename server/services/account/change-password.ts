import { hash } from "@node-rs/argon2";
import { sql } from "drizzle-orm";
import { personActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { SignedIn } from "@/server/schemas/session";
import { checkPassword } from "@/server/services/session/check-password";

/**
 * Changes a person's own password; the other sessions of theirs end. Manages its own transactions: the slow hashes run between them. Guesses at the
 * password of an open browser are counted as those at the sign-in.
 * @returns how many other sessions ended
 * @throws AppError "invalid" for a wrong password or the same one again, "too_many" after many wrong ones
 */
export async function changePassword(
  { personId, sessionId, email }: SignedIn,
  options: { password: string; newPassword: string },
): Promise<{ ended: number }> {
  const checked = await checkPassword({ email, password: options.password, source: sessionId });
  if (checked && "waitSeconds" in checked)
    throw new AppError("too_many", { key: "errors.password_wait", values: { seconds: checked.waitSeconds } });
  if (!checked) throw new AppError("invalid", { key: "errors.password_wrong" });
  if (options.newPassword === options.password) throw new AppError("invalid", { key: "errors.password_same" });
  const passwordHash = await hash(options.newPassword);
  return withActor(personActor(personId), async (tx) => {
    const [row] = await tx.execute<{ ended: number | null }>(
      sql`select nw.change_password(${checked.checkedHash}, ${passwordHash}, ${sessionId}) as ended`,
    );
    const ended = row?.ended ?? null;
    // It was changed meanwhile, by whom this session perhaps ended.
    if (ended === null) throw new AppError("invalid", { key: "errors.password_wrong" });
    return { ended };
  });
}
