import { sql } from "drizzle-orm";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { OverrideWashOut } from "@/server/schemas/reading";
import type { SignedIn } from "@/server/schemas/session";
import { confirmedPassword } from "@/server/services/session/confirmed-password";

/**
 * Opens a list before its wash-out is over, as the page showed it, with the password: a signed deviation. Manages its own transactions: the slow hash runs before the one that signs.
 * @throws AppError "invalid" for a wrong password, "too_many" after many wrong ones, "conflict" where the list is not in the wash-out that was shown
 */
export async function overrideWashOut(
  actor: StudyActor,
  person: SignedIn,
  { listId, opensAt, reason, password }: OverrideWashOut,
): Promise<void> {
  const checkedHash = await confirmedPassword(person, password);
  await withActor(actor, async (tx) => {
    const [row] = await tx.execute<{ at: unknown }>(
      sql`select nw.override_wash_out(${listId}::uuid, ${opensAt.toISOString()}::timestamptz, ${reason}, ${checkedHash}) as at`,
    );
    // It was changed meanwhile.
    if (!row?.at) throw new AppError("invalid", { key: "errors.password_wrong" });
  });
}
