import { sql } from "drizzle-orm";
import { z } from "zod";
import { shown } from "@/core/protocol/conditions";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { studyProtocol } from "@/server/services/study/study-protocol";

/** `nw.shown_case`. */
const row = z.object({
  slot_id: z.string(),
  position: z.int(),
  total: z.int(),
  condition_key: z.string(),
  shows: z.array(shown),
  crops: z.array(z.object({ plane: z.string(), sha256: z.string(), width: z.int(), height: z.int() })).min(1),
  short_axis_mm: z.coerce.number().nullable(),
  protocol_version_id: z.string(),
});

/** The case whose turn it is, or the one read last in the open list, whose read may be corrected. */
export type Turn = "current" | "previous";

/**
 * A case of the reader with the protocol it is read under; null when no list is open or, of the previous case, when none was read in it. The database
 * notes it as shown when it first hands it out.
 */
export async function shownCase(tx: Tx, actor: StudyActor, turn: Turn = "current") {
  const [found] = await tx.execute(
    turn === "current" ? sql`select * from nw.current_case()` : sql`select * from nw.previous_case()`,
  );
  if (!found) return null;
  const current = row.parse(found);
  return {
    ...current,
    protocol: (await studyProtocol(tx, { ...actor, versionId: current.protocol_version_id })).document,
  };
}
