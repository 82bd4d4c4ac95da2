import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { AppError } from "@/server/errors";

/**
 * Closes an account (the database notes it), with its sessions and links, from the next request on, or opens it again. What the person did stays.
 * @throws AppError "conflict" where there is nothing to change, and for one's own account: somebody stays to administer
 */
export async function closeAccount(tx: Tx, options: { personId: string; closed: boolean }): Promise<void> {
  const { personId, closed } = options;
  const [row] = await tx.execute<{ done: boolean }>(sql`select nw.close_account(${personId}, ${closed}) as done`);
  if (!row?.done)
    throw new AppError("conflict", { key: closed ? "errors.account_not_open" : "errors.account_not_closed" });
}
