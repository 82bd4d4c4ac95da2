import { randomUUID } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { eq, sql } from "drizzle-orm";
import { credential, person } from "@/db/schema";
import { record } from "@/server/audit";
import { signInActor, withActor } from "@/server/door";

/** A hash of nothing that anybody knows: an unknown address takes as long to refuse as a wrong password. */
let nobody: Promise<string> | undefined;

/** What a hash costs to check: another cost than ours is nobody's password, and is not paid. */
const parametersOf = (passwordHash: string): string => passwordHash.split("$").slice(0, 4).join("$");

/**
 * Checks a password (argon2id, on the thread pool). Manages its own transactions: the slow hash runs between them. A refusal and the pause that
 * follows many are noted; an address that nobody has is not, because people type passwords there.
 * @param options.source the address that asks, "unknown", or the session of an open browser
 * @returns the person and the hash that was checked, for whoever acts on it: by then the password may be another; null for a wrong address or password and for a closed account; how long to wait when too many were wrong lately
 * (`db/functions/sign_in.sql`): this one was not checked
 */
export async function checkPassword(options: {
  email: string;
  password: string;
  source: string;
}): Promise<{ personId: string; checkedHash: string } | { waitSeconds: number } | null> {
  const email = options.email.toLowerCase();
  const { source } = options;
  const { waitSeconds, found } = await withActor(signInActor, async (tx) => {
    const [begun] = await tx.execute<{ seconds: number }>(sql`select nw.begin_sign_in(${email}, ${source}) as seconds`);
    const [found] = await tx
      .select({ personId: person.id, hash: credential.passwordHash, closedAt: person.disabledAt })
      .from(person)
      .innerJoin(credential, eq(credential.personId, person.id))
      .where(eq(sql`lower(${person.email})`, email));
    return { waitSeconds: begun?.seconds ?? 0, found };
  });
  if (waitSeconds > 0) return { waitSeconds };
  nobody ??= hash(randomUUID());
  const known = found && parametersOf(found.hash) === parametersOf(await nobody) ? found.hash : await nobody;
  const right = (await verify(known, options.password).catch(() => false)) && known === found?.hash;
  return withActor(signInActor, async (tx) => {
    if (right && found && !found.closedAt) {
      await tx.execute(sql`select nw.end_sign_in(${email}, ${source})`);
      return { personId: found.personId, checkedHash: found.hash };
    }
    const about = found ? { entity: "person" as const, entityId: found.personId } : {};
    await record(tx, "sign_in.refused", { ...about, detail: { source } });
    const [paused] = await tx.execute<{ seconds: number }>(
      sql`select nw.pause_of_sign_in(${email}, ${source}) as seconds`,
    );
    if (paused && paused.seconds > 0)
      await record(tx, "sign_in.paused", { ...about, detail: { source, seconds: paused.seconds } });
    return null;
  });
}
