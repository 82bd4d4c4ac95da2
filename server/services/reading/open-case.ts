import { sql } from "drizzle-orm";
import { z } from "zod";
import { shown } from "@/core/protocol/conditions";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { ReadingCase } from "@/server/schemas/reading";
import { readImage } from "@/server/services/imaging/read-image";
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
async function shownCase(tx: Tx, actor: StudyActor, turn: Turn = "current") {
  return underItsProtocol(
    tx,
    actor,
    await tx.execute(turn === "current" ? sql`select * from nw.current_case()` : sql`select * from nw.previous_case()`),
  );
}

/**
 * The case of this place with the protocol it is read under, as it was last shown to the reader; null when it would be shown otherwise now, was not shown
 * since it was read, or is not the reader's turn. A read of it is checked against this, never against what nobody saw.
 */
export async function caseInHand(tx: Tx, actor: StudyActor, slotId: string) {
  return underItsProtocol(tx, actor, await tx.execute(sql`select * from nw.case_in_hand(${slotId}::uuid)`));
}

async function underItsProtocol(tx: Tx, actor: StudyActor, [found]: readonly Record<string, unknown>[]) {
  if (!found) return null;
  const current = row.parse(found);
  return {
    ...current,
    protocol: (await studyProtocol(tx, { ...actor, versionId: current.protocol_version_id })).document,
  };
}

/** A case of the reader as the page gets it; null when there is none. The bytes are added by `withImages` outside the transaction. */
export async function openCase(tx: Tx, actor: StudyActor, turn: Turn = "current") {
  const current = await shownCase(tx, actor, turn);
  if (!current) return null;
  const { form, ruleSets, conditions, planes } = current.protocol;
  return {
    slotId: current.slot_id,
    position: current.position,
    total: current.total,
    condition: {
      key: current.condition_key,
      label: conditions.find((condition) => condition.key === current.condition_key)?.label ?? current.condition_key,
      shows: current.shows,
    },
    crops: current.crops.map(({ plane, ...crop }) => ({
      ...crop,
      plane: planes.find(({ key }) => key === plane)?.label ?? plane,
    })),
    ...(current.short_axis_mm === null ? {} : { shortAxisMm: current.short_axis_mm }),
    form: { criteria: form.criteria, confidence: form.confidence !== undefined },
    ruleSet: ruleSets.find((set) => set.key === form.ruleSet) ?? null,
  };
}

/** Adds the images' bytes and takes their hashes away: a reader has no use for them. */
export async function withImages(opened: Awaited<ReturnType<typeof openCase>>): Promise<ReadingCase | null> {
  if (!opened) return null;
  const crops = opened.crops.map(async ({ sha256, ...crop }) => ({
    ...crop,
    image: (await readImage(sha256)).toString("base64"),
  }));
  return { ...opened, crops: await Promise.all(crops) };
}
