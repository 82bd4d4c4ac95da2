import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { ReadingCase } from "@/server/schemas/reading";
import { readImage } from "@/server/services/imaging/read-image";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { shownBy } from "./shows-size";

const row = z.object({
  slot_id: z.string(),
  position: z.int(),
  total: z.int(),
  condition_key: z.string(),
  shows_size: z.boolean(),
  plane: z.string(),
  sha256: z.string(),
  width: z.int(),
  height: z.int(),
  short_axis_mm: z.coerce.number().nullable(),
  protocol_version_id: z.string(),
});

/** The case being read with the protocol it is read under; null when no list is open. The database notes it as shown when it first hands it out. */
export async function currentCase(tx: Tx, actor: StudyActor) {
  const [found] = await tx.execute<Record<string, unknown>>(sql`select * from nw.current_case()`);
  if (!found) return null;
  const current = row.parse(found);
  return {
    ...current,
    protocol: (await studyProtocol(tx, { ...actor, versionId: current.protocol_version_id })).document,
  };
}

/** The next case of a reader as the page gets it; null when no list is open. The bytes are added by `withImage` outside the transaction. */
export async function openCase(
  tx: Tx,
  actor: StudyActor,
): Promise<(Omit<ReadingCase, "image"> & { sha256: string }) | null> {
  const current = await currentCase(tx, actor);
  if (!current) return null;
  const { form, ruleSets, conditions, planes } = current.protocol;
  const ruleSet = ruleSets.find((set) => set.key === form.ruleSet) ?? null;
  return {
    slotId: current.slot_id,
    position: current.position,
    total: current.total,
    condition: {
      key: current.condition_key,
      label: conditions.find((condition) => condition.key === current.condition_key)?.label ?? current.condition_key,
      shows: shownBy(current.shows_size),
    },
    plane: planes.find((plane) => plane.key === current.plane)?.label ?? current.plane,
    sha256: current.sha256,
    width: current.width,
    height: current.height,
    ...(current.shows_size && current.short_axis_mm !== null ? { shortAxisMm: current.short_axis_mm } : {}),
    form: { criteria: form.criteria, confidence: form.confidence !== undefined },
    ruleSet,
  };
}

/** Adds the image's bytes and takes its hash away: a reader has no use for it. */
export async function withImage(opened: Awaited<ReturnType<typeof openCase>>): Promise<ReadingCase | null> {
  if (!opened) return null;
  const { sha256, ...shown } = opened;
  return { ...shown, image: (await readImage(sha256)).toString("base64") };
}
