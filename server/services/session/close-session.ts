import { and, eq, isNull } from "drizzle-orm";
import { session } from "@/db/schema";
import { record } from "@/server/audit";
import { personActor, withActor } from "@/server/door";

/**
 * Ends a session of a person: its cookie is refused from the next request on. One that ended before, or is somebody else's, stays as it is.
 * @param options.from the browser itself that signs out, or another of the same person
 */
export async function closeSession(options: {
  sessionId: string;
  personId: string;
  from: "itself" | "another";
}): Promise<void> {
  const { sessionId, personId, from } = options;
  await withActor(personActor(personId), async (tx) => {
    const closed = await tx
      .update(session)
      .set({ revokedAt: new Date() })
      .where(and(eq(session.id, sessionId), isNull(session.revokedAt)))
      .returning({ id: session.id });
    if (closed.length === 0) return;
    await record(tx, from === "itself" ? "session.closed" : "session.revoked", {
      entity: "person",
      entityId: personId,
    });
  });
}
