import { z } from "zod";
import { oneLine, withLines } from "@/core/text/characters";

const millimetres = z
  .number("fields.diameter")
  .gt(0, "fields.diameter_above")
  .max(200, "fields.diameter_most")
  .refine((value) => Math.abs(value * 10 - Math.round(value * 10)) < 1e-9, "fields.diameter_tenth");

export const addNodeInput = z.object({
  number: z.string().max(60).check(oneLine),
  region: z.string().trim().max(120).check(oneLine).nullable(),
  shortAxisMm: millimetres,
});
export const remeasureInput = z.object({ nodeId: z.uuid(), shortAxisMm: millimetres });
export const excludeNodeInput = z.object({
  nodeId: z.uuid(),
  reason: z.string().trim().min(3, "fields.reason").max(500).check(withLines),
});

const cropView = z.object({
  id: z.uuid(),
  plane: z.string(),
  /** Null, as its size is, where there is no picture. */
  sha256: z.string().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  bitDepth: z.int().nullable(),
  windowLow: z.int().nullable(),
  windowHigh: z.int().nullable(),
  scaledFromWidth: z.int().nullable(),
  scaledFromHeight: z.int().nullable(),
  createdAt: z.date(),
  /** Other nodes of the study with exactly these pixels, as "S-001 N2". */
  sameAs: z.array(z.string()),
});

const nodeView = z.object({
  id: z.uuid(),
  subject: z.string(),
  label: z.string(),
  /** As the protocol calls it. */
  region: z.string().nullable(),
  shortAxisMm: z.number().nullable(),
  excluded: z.string().nullable(),
  reported: z.boolean(),
  crops: z.array(cropView),
});
export type NodeView = z.infer<typeof nodeView>;

const sizedNode = nodeView.pick({ label: true, shortAxisMm: true });

export const imagingView = z.object({
  planes: z.array(z.object({ key: z.string(), label: z.string() })),
  regions: z.array(z.object({ key: z.string(), label: z.string() })),
  lesion: z.string(),
  subjects: z.array(z.string()),
  nodes: z.array(nodeView),
  /** Where the nodes are others than the protocol takes (`core/imaging/largest-of-region.ts`). */
  selection: z.array(
    z.object({ subject: z.string(), region: z.string(), kept: z.array(sizedNode), larger: sizedNode.nullable() }),
  ),
});
export type ImagingView = z.infer<typeof imagingView>;
