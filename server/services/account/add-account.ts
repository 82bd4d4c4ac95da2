import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { credential, person } from "@/db/schema";
import { AppError } from "@/server/errors";

/**
 * Makes an account (the database notes it) with a first password, which its maker has seen: it must be changed before anything else is done. Runs as an administrator of
 * accounts, as whoever manages a study, or as the command line, which alone may name an administrator.
 * @returns the person's id
 * @throws AppError "conflict" when the address has an account
 */
export async function addAccount(
  tx: Tx,
  options: {
    email: string;
    name: string;
    passwordHash: string;
    mayCreateStudies?: boolean | undefined;
    administrator?: boolean | undefined;
  },
): Promise<string> {
  const { email, name, passwordHash, mayCreateStudies, administrator } = options;
  const [known] = await tx.execute(sql`select id from nw.person_by_email(${email})`);
  if (known) throw new AppError("conflict", { key: "errors.account_there", values: { email } });
  const id = randomUUID();
  await tx.insert(person).values({
    id,
    email: email.toLowerCase(),
    name,
    // Only what is granted is named: not every role may.
    ...(mayCreateStudies && { mayCreateStudies }),
    ...(administrator && { administrator }),
  });
  await tx.insert(credential).values({ personId: id, passwordHash, mustChange: true });
  return id;
}
