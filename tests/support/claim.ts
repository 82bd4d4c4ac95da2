import { createHmac } from "node:crypto";
import type { Actor } from "@/db/actor";

/** How a transaction is named in a claim, in the words of `db/actor.ts`. */
export const thisTransaction =
  "select pg_backend_pid() || ':' || extract(epoch from transaction_timestamp()) as transaction";

/** A signed claim of these parts. */
export function signed(parts: readonly (string | number | null)[], secret: string): string {
  const payload = parts.map((part) => part ?? "").join("|");
  return `${payload}|${createHmac("sha256", secret).update(payload).digest("hex")}`;
}

/**
 * Statements that take on an actor as the server does it, in a transaction that it did not begin: what somebody could do whom the server gave a claim there.
 * @param ask answers a statement within that transaction
 */
export async function takeOn(
  ask: (text: string) => PromiseLike<readonly Record<string, unknown>[]>,
  { role, personId, studyId, siteId, membershipId }: Actor,
  secret: string,
): Promise<void> {
  const [now] = await ask(thisTransaction);
  const expires = Math.floor(Date.now() / 1000) + 600;
  const claim = signed([role, personId, studyId, siteId, membershipId, String(now?.transaction), expires], secret);
  await ask(`set local role nw_${role}; set local nodewise.actor = '${claim}'`);
}
