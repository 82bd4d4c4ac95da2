import type { SQL } from "drizzle-orm";
import type { Actor, Door } from "@/db/actor";

/** What comes of a statement of somebody's own: the SQLSTATE of its refusal, or "done". */
export const outcomeOf =
  (door: Door) =>
  (actor: Actor, statement: SQL): Promise<string> =>
    door
      .withActor(actor, (tx) => tx.execute(statement))
      .then(
        () => "done",
        (error: { code?: string }) => error.code ?? String(error),
      );
