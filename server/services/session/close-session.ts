import { sql } from "drizzle-orm";
import { personActor, withActor } from "@/server/door";

/**
 * Ends a session of a person (the database notes it): its cookie is refused from the next request on. One that ended before, or is somebody else's, stays as
 * it is.
 * @param options.from the browser itself that signs out, or another of the same person
 */
export async function closeSession(options: {
  sessionId: string;
  personId: string;
  from: "itself" | "another";
}): Promise<void> {
  const { sessionId, personId, from } = options;
  await withActor(personActor(personId), (tx) =>
    tx.execute(sql`select nw.close_session(${sessionId}::uuid, ${from === "another"})`),
  );
}
