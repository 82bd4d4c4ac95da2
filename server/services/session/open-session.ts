import { sql } from "drizzle-orm";
import { record } from "@/server/audit";
import { signInActor, withActor } from "@/server/door";
import { checkPassword } from "./check-password";

/**
 * Checks a password and opens a session row, if it is still the password by then. Manages its own transactions, as `checkPassword`.
 * @param options.source the address that asks, or "unknown"
 * @returns as `checkPassword`, with the session
 */
export async function openSession(options: {
  email: string;
  password: string;
  source: string;
  userAgent: string;
  hours: number;
}): Promise<{ personId: string; sessionId: string } | { waitSeconds: number } | null> {
  const { source, userAgent, hours } = options;
  const checked = await checkPassword(options);
  if (!checked || "waitSeconds" in checked) return checked;
  const { personId, checkedHash } = checked;
  return withActor({ ...signInActor, personId }, async (tx) => {
    const [opened] = await tx.execute<{ id: string | null }>(
      sql`select nw.open_session(${personId}, ${checkedHash}, ${userAgent.slice(0, 300)}, ${hours}) as id`,
    );
    const sessionId = opened?.id ?? null;
    await record(tx, sessionId ? "session.opened" : "sign_in.refused", {
      entity: "person",
      entityId: personId,
      detail: { source },
    });
    return sessionId ? { personId, sessionId } : null;
  });
}
