import { session } from "@/db/schema";
import { record } from "@/server/audit";
import { signInActor, withActor } from "@/server/door";
import { checkPassword } from "./check-password";

/**
 * Checks a password and opens a session row. Manages its own transactions, as `checkPassword`.
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
  const checked = await checkPassword(options);
  if (!checked || "waitSeconds" in checked) return checked;
  const { personId } = checked;
  return withActor({ ...signInActor, personId }, async (tx) => {
    const [opened] = await tx
      .insert(session)
      .values({
        personId,
        userAgent: options.userAgent.slice(0, 300),
        expiresAt: new Date(Date.now() + options.hours * 3_600_000),
      })
      .returning({ sessionId: session.id });
    if (!opened) return null;
    await record(tx, "session.opened", { entity: "person", entityId: personId, detail: { source: options.source } });
    return { personId, sessionId: opened.sessionId };
  });
}
