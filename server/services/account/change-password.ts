import { hash } from "@node-rs/argon2";
import { sql } from "drizzle-orm";
import { personActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { SignedIn } from "@/server/schemas/session";
import { confirmedPassword } from "@/server/services/session/confirmed-password";

/**
 * Changes a person's own password; the other sessions of theirs end. Manages its own transactions: the slow hashes run between them.
 * @returns how many other sessions ended
 * @throws AppError "invalid" for a wrong password or the same one again, "too_many" after many wrong ones
 */
export async function changePassword(
  person: SignedIn,
  options: { password: string; newPassword: string },
): Promise<{ ended: number }> {
  const checkedHash = await confirmedPassword(person, options.password);
  if (options.newPassword === options.password) throw new AppError("invalid", { key: "errors.password_same" });
  const passwordHash = await hash(options.newPassword);
  return withActor(personActor(person.personId), async (tx) => {
    const [row] = await tx.execute<{ ended: number | null }>(
      sql`select nw.change_password(${checkedHash}, ${passwordHash}, ${person.sessionId}) as ended`,
    );
    const ended = row?.ended ?? null;
    // It was changed meanwhile, by whom this session perhaps ended.
    if (ended === null) throw new AppError("invalid", { key: "errors.password_wrong" });
    return { ended };
  });
}
