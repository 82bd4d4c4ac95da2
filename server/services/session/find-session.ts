import { and, eq, gt, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { person, session } from "@/db/schema";
import type { SignedIn } from "@/server/schemas/session";

/** The person of a session that is neither expired nor revoked. */
export async function findSession(tx: Tx, { sessionId }: { sessionId: string }): Promise<SignedIn | null> {
  const [found] = await tx
    .select({
      sessionId: session.id,
      personId: person.id,
      email: person.email,
      name: person.name,
      mayCreateStudies: person.mayCreateStudies,
    })
    .from(session)
    .innerJoin(person, eq(person.id, session.personId))
    .where(and(eq(session.id, sessionId), gt(session.expiresAt, new Date()), isNull(session.revokedAt)));
  return found ?? null;
}
