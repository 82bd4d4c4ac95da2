import { randomUUID } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { eq, sql } from "drizzle-orm";
import { credential, person, session } from "@/db/schema";
import { signInActor, withActor } from "@/server/door";

/** A hash of nothing that anybody knows: an unknown address takes as long to refuse as a wrong password. */
let nobody: Promise<string> | undefined;

/**
 * Checks a password (argon2id, on the thread pool) and opens a session row. Manages its own transactions: the slow hash runs between them.
 * @param options.source the address that asks, or "unknown"
 * @returns null for a wrong address or password; how long to wait when too many were wrong lately (`db/functions/sign_in.sql`): this one was not checked
 */
export async function openSession(options: {
  email: string;
  password: string;
  source: string;
  userAgent: string;
  hours: number;
}): Promise<{ personId: string; sessionId: string } | { waitSeconds: number } | null> {
  const email = options.email.toLowerCase();
  const { waitSeconds, found } = await withActor(signInActor, async (tx) => {
    const [begun] = await tx.execute<{ seconds: number }>(
      sql`select nw.begin_sign_in(${email}, ${options.source}) as seconds`,
    );
    const [found] = await tx
      .select({ personId: person.id, hash: credential.passwordHash })
      .from(person)
      .innerJoin(credential, eq(credential.personId, person.id))
      .where(eq(sql`lower(${person.email})`, email));
    return { waitSeconds: begun?.seconds ?? 0, found };
  });
  if (waitSeconds > 0) return { waitSeconds };
  nobody ??= hash(randomUUID());
  const right = await verify(found?.hash ?? (await nobody), options.password).catch(() => false);
  if (!found || !right) return null;
  return withActor(signInActor, async (tx) => {
    await tx.execute(sql`select nw.end_sign_in(${email}, ${options.source})`);
    const [opened] = await tx
      .insert(session)
      .values({
        personId: found.personId,
        userAgent: options.userAgent.slice(0, 300),
        expiresAt: new Date(Date.now() + options.hours * 3_600_000),
      })
      .returning({ sessionId: session.id });
    return opened ? { personId: found.personId, sessionId: opened.sessionId } : null;
  });
}
