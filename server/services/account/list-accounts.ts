import { asc, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { person } from "@/db/schema";
import type { Accounts } from "@/server/schemas/account";

/** Everybody who could sign in, closed accounts last: to an administrator of accounts. */
export async function listAccounts(tx: Tx): Promise<Accounts> {
  return tx
    .select({
      id: person.id,
      name: person.name,
      email: person.email,
      administrator: person.administrator,
      mayCreateStudies: person.mayCreateStudies,
      demonstration: person.demonstration,
      since: person.createdAt,
      closedAt: person.disabledAt,
    })
    .from(person)
    .where(eq(person.program, false))
    .orderBy(sql`${person.disabledAt} nulls first`, asc(person.name));
}
