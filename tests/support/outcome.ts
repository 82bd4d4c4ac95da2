import type { SQL } from "drizzle-orm";
import type { Actor, Door, Tx } from "@/db/actor";

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

/** What somebody does in a transaction. */
export type Deed = [Actor, (tx: Tx) => Promise<unknown>];

/**
 * What comes of two deeds of which the second begins while the first is done and not committed, and waits if it has to: the constraint of its refusal, or
 * its SQLSTATE, or "done".
 */
export const outcomesOfTwo =
  (door: Door) =>
  async ([firstActor, first]: Deed, [secondActor, second]: Deed): Promise<string[]> => {
    const named = (error: { constraint?: string; code?: string }) => error.constraint ?? error.code ?? String(error);
    let later: Promise<string> | undefined;
    const earlier = await door
      .withActor(firstActor, async (tx) => {
        await first(tx);
        later = door.withActor(secondActor, second).then(() => "done", named);
        // Long enough for whoever does not wait.
        await Promise.race([later, new Promise((done) => setTimeout(done, 500))]);
      })
      .then(() => "done", named);
    return [earlier, (await later) ?? "never begun"];
  };
