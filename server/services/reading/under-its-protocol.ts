import { z } from "zod";
import { shown } from "@/core/protocol/conditions";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { canvasRendering } from "@/server/services/imaging/draw-on-canvas";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { fileAt } from "./file-at";

/** `nw.shown_case`. */
const row = z.object({
  slot_id: z.string(),
  position: z.int(),
  total: z.int(),
  condition_key: z.string(),
  shows: z.array(shown),
  crops: z.array(z.object({ plane: z.string(), sha256: z.string().nullable() })).min(1),
  rendering: z.literal(canvasRendering).nullable(),
  short_axis_mm: z.coerce.number().nullable(),
  protocol_version_id: z.string(),
  shown_sha256: z.string(),
});

/** A case as the database hands it out, with the protocol it is read under; null: none. */
export async function underItsProtocol(tx: Tx, actor: StudyActor, [found]: readonly Record<string, unknown>[]) {
  if (!found) return null;
  const current = row.parse(found);
  const { document: protocol } = await studyProtocol(tx, { ...actor, versionId: current.protocol_version_id });
  const labelOf = (plane: string) => protocol.planes.find(({ key }) => key === plane)?.label ?? plane;
  return {
    ...current,
    /** Planes by their labels, files by their hashes. */
    crops: current.crops.map(({ plane, sha256 }) => ({
      plane: labelOf(plane),
      sha256: sha256 && fileAt(current.slot_id, sha256),
    })),
    protocol,
  };
}
