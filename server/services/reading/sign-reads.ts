import { sql } from "drizzle-orm";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { SignReads } from "@/server/schemas/reading";
import type { SignedIn } from "@/server/schemas/session";
import { confirmedPassword } from "@/server/services/session/confirmed-password";

/**
 * Signs the reads of one of the reader's lists, as the page showed them, with the password; what is signed already stays as it is. Manages its own transactions: the slow hash runs between
 * them.
 * @throws AppError "invalid" for a wrong password, "too_many" after many wrong ones, "conflict" when the list is not read to its end, or its reads are not those that were shown
 */
export async function signReads(
  actor: StudyActor,
  person: SignedIn,
  { listId, sha256, password }: SignReads,
): Promise<void> {
  const checkedHash = await confirmedPassword(person, password);
  await withActor(actor, async (tx) => {
    const [row] = await tx.execute<{ at: unknown }>(
      sql`select nw.sign_reads(${listId}::uuid, ${sha256}, ${checkedHash}) as at`,
    );
    // It was changed meanwhile.
    if (!row?.at) throw new AppError("invalid", { key: "errors.password_wrong" });
  });
}
