import type { SQL } from "drizzle-orm";
import type { Actor, Door, Tx } from "@/db/actor";

/** What comes of a statement of somebody's own, or of several: the SQLSTATE of the refusal, or "done". */
export const outcomeOf =
  (door: Door) =>
  (actor: Actor, deed: SQL | ((tx: Tx) => Promise<unknown>)): Promise<string> =>
    door
      .withActor(actor, async (tx) => void (await (typeof deed === "function" ? deed(tx) : tx.execute(deed))))
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
