import { and, eq, isNull } from "drizzle-orm";
import { session } from "@/db/schema";
import { signInActor, withActor } from "@/server/door";

/** Revokes a session: its cookie is refused from the next request on. */
export async function closeSession({ sessionId }: { sessionId: string }): Promise<void> {
  await withActor(signInActor, (tx) =>
    tx
      .update(session)
      .set({ revokedAt: new Date() })
      .where(and(eq(session.id, sessionId), isNull(session.revokedAt))),
  );
}
