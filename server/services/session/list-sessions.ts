import { and, desc, eq, gt, isNull } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { session } from "@/db/schema";

/** The browsers in which a person is signed in, newest first. */
export async function listSessions(tx: Tx, { personId, sessionId }: { personId: string; sessionId: string }) {
  const rows = await tx
    .select({ id: session.id, userAgent: session.userAgent, since: session.createdAt, until: session.expiresAt })
    .from(session)
    .where(and(eq(session.personId, personId), gt(session.expiresAt, new Date()), isNull(session.revokedAt)))
    .orderBy(desc(session.createdAt));
  return rows.map((row) => ({ ...row, current: row.id === sessionId }));
}
