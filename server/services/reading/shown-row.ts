import { z } from "zod";
import { shown } from "@/core/protocol/conditions";
import { canvasRendering } from "@/server/services/imaging/draw-on-canvas";

/** `nw.shown_case`. */
export const shownRow = z.object({
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
