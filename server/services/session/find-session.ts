import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { credential, person, session } from "@/db/schema";
import type { SignedIn } from "@/server/schemas/session";

/** The person of a session that is neither expired nor revoked, whose account is open. */
export async function findSession(tx: Tx, { sessionId }: { sessionId: string }): Promise<SignedIn | null> {
  const [found] = await tx
    .select({
      sessionId: session.id,
      personId: person.id,
      email: person.email,
      name: person.name,
      mayCreateStudies: person.mayCreateStudies,
      administersAccounts: sql<boolean>`nw.administers(${person.id})`,
      mustChangePassword: credential.mustChange,
    })
    .from(session)
    .innerJoin(person, eq(person.id, session.personId))
    .innerJoin(credential, eq(credential.personId, person.id))
    .where(
      and(
        eq(session.id, sessionId),
        gt(session.expiresAt, new Date()),
        isNull(session.revokedAt),
        isNull(person.disabledAt),
      ),
    );
  return found ?? null;
}
