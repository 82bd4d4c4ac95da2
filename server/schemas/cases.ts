import { z } from "zod";
import { splitUnit } from "@/core/protocol/regimen";
import { leakage } from "./leakage";
import { explainMethod } from "./model";
import { pathologyResult } from "./pathology";

/** The analysis case by case: every node with its images, its truth, and what readers and network said of each image. */
export const cases = z.object({
  /** The run that is the network; null: none has scores. */
  run: z
    .object({
      id: z.uuid(),
      trainable: z.enum(["head", "network", "baseline", "elsewhere"]),
      splitUnit,
      leakage: leakage.nullable(),
    })
    .nullable(),
  conditions: z.array(z.object({ key: z.string(), label: z.string() })),
  /** The rules that made every call anew, as the protocol planned; null: the calls are those given. */
  rules: z.string().nullable(),
  /** Who read in which condition; `calls` and `confidences` of an image have a place for each of them, null where nothing was read. */
  parties: z.array(z.object({ reader: z.string(), condition: z.string() })),
  nodes: z.array(
    z.object({
      id: z.uuid(),
      subject: z.string(),
      label: z.string(),
      region: z.string().nullable(),
      shortAxisMm: z.number().nullable(),
      /** Null: pathology has reported nothing. */
      result: pathologyResult.nullable(),
      images: z.array(
        z.object({
          cropId: z.uuid(),
          plane: z.string(),
          /** Null: only reads or scores of it were published. */
          sha256: z.string().nullable(),
          network: z.object({ score: z.number(), isPositive: z.boolean() }).nullable(),
          overlays: z.array(z.object({ taskId: z.uuid(), method: explainMethod })),
          calls: z.array(z.union([z.literal(0), z.literal(1)]).nullable()),
          /** 0-100 */
          confidences: z.array(z.int().nullable()),
        }),
      ),
    }),
  ),
});
export type CasesOutput = z.infer<typeof cases>;
export type ExploredNode = CasesOutput["nodes"][number];
export type ExploredImage = ExploredNode["images"][number];
