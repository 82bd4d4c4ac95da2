import { sql } from "drizzle-orm";
import { z } from "zod";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { underItsProtocol } from "./under-its-protocol";

/** The case whose turn it is, or the one read last in the open list, whose read may be corrected. */
export type Turn = "current" | "previous";

/** A case that changes each time it is asked for: nobody measures so often. */
const attempts = 3;

const opened = z.tuple([z.object({ there: z.boolean() })]);

/**
 * A case of the reader with the protocol it is read under; null when no list is open or, of the previous case, when none was read in it. The database
 * hands out what an earlier transaction noted as shown: a case that was not yet, or is otherwise by now, is asked for first.
 * @throws AppError "conflict" when the case changes meanwhile, time and again
 */
export async function shownCase(actor: StudyActor, turn: Turn) {
  const handOut = turn === "current" ? sql`select * from nw.current_case()` : sql`select * from nw.previous_case()`;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const shown = await withActor(actor, async (tx) => underItsProtocol(tx, actor, await tx.execute(handOut)));
    if (shown) return shown;
    const rows = await withActor(actor, (tx) => tx.execute(sql`select nw.open_case(${turn}) as there`));
    if (!opened.parse([...rows])[0].there) return null;
  }
  throw new AppError("conflict", { key: "errors.database.shown_case_changed" });
}
