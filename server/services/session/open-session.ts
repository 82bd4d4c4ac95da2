import { randomUUID } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { and, count, eq, gt, sql } from "drizzle-orm";
import { credential, person, session, signInFailure } from "@/db/schema";
import { signInActor, withActor } from "@/server/door";

/** Refused sign-ins within `failureMinutes` after which an address is closed for that long. */
const failureLimit = 10;
const failureMinutes = 15;

/** A hash of nothing that anybody knows: an unknown address takes as long to refuse as a wrong password. */
let nobody: Promise<string> | undefined;

/**
 * Checks a password (argon2id) and opens a session row. Manages its own transactions: the slow hash runs between them.
 * @returns null for a wrong address or password, "too many" after ten failures in fifteen minutes
 */
export async function openSession(options: { email: string; password: string; userAgent: string; hours: number }) {
  const email = options.email.toLowerCase();
  const known = await withActor(signInActor, async (tx) => {
    const since = new Date(Date.now() - failureMinutes * 60_000);
    const [failures] = await tx
      .select({ n: count() })
      .from(signInFailure)
      .where(and(eq(signInFailure.email, email), gt(signInFailure.at, since)));
    const [found] = await tx
      .select({ personId: person.id, hash: credential.passwordHash })
      .from(person)
      .innerJoin(credential, eq(credential.personId, person.id))
      .where(eq(sql`lower(${person.email})`, email));
    return { failures: failures?.n ?? 0, found };
  });
  if (known.failures >= failureLimit) return "too many" as const;
  nobody ??= hash(randomUUID());
  const right = await verify(known.found?.hash ?? (await nobody), options.password).catch(() => false);
  return withActor(signInActor, async (tx) => {
    if (!known.found || !right) {
      await tx.insert(signInFailure).values({ email });
      return null;
    }
    const [opened] = await tx
      .insert(session)
      .values({
        personId: known.found.personId,
        userAgent: options.userAgent.slice(0, 300),
        expiresAt: new Date(Date.now() + options.hours * 3_600_000),
      })
      .returning({ sessionId: session.id });
    return opened ? { personId: known.found.personId, sessionId: opened.sessionId } : null;
  });
}
