import { sql } from "drizzle-orm";
import { connect } from "../client";
import { credential, person } from "../schema";

export interface NewAccount {
  email: string;
  name: string;
  mayCreateStudies: boolean;
  administrator?: boolean | undefined;
  /** Everybody knows its password. */
  demonstration?: boolean | undefined;
  /** argon2id. */
  passwordHash: string;
}

/**
 * Makes the accounts that are not there yet, as the owner: no actor may make one whose password everybody knows.
 * An account that is there keeps its name and password.
 * @returns the person id by e-mail address, of all that were asked for
 */
export async function ensureAccounts(ownerUrl: string, accounts: readonly NewAccount[]): Promise<Map<string, string>> {
  const { db, pool } = connect(ownerUrl, 1);
  try {
    return await db.transaction(async (tx) => {
      // Row security is forced on the owner, too; the kernel, which the owner may become, has a policy on every table.
      await tx.execute(sql`set local role nw_kernel`);
      const ids = new Map<string, string>();
      for (const { passwordHash, ...account } of accounts) {
        const [added] = await tx.insert(person).values(account).onConflictDoNothing().returning({ id: person.id });
        if (added) await tx.insert(credential).values({ personId: added.id, passwordHash });
        const [found] = await tx
          .select({ id: person.id })
          .from(person)
          .where(sql`lower(${person.email}) = ${account.email.toLowerCase()}`);
        if (found) ids.set(account.email, found.id);
      }
      return ids;
    });
  } finally {
    await pool.end({ timeout: 5 });
  }
}
