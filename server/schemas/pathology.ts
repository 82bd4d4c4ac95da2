import { z } from "zod";
import { withLines } from "@/core/text/characters";
import { typedId } from "./typed-id";

export const pathologyResult = z.enum(["positive", "negative", "not_found"]);
export const matchConfidence = z.enum(["certain", "probable", "possible"]);

export const reportNodeInput = z
  .object({
    nodeId: z.uuid(),
    /** The specimen's label; none when the node was not found. */
    specimen: typedId(120).nullable(),
    confidence: matchConfidence.nullable(),
    /** Why this specimen is another node, too. */
    sharedReason: z.string().trim().max(500).check(withLines).nullable().optional(),
    result: pathologyResult,
    reason: z.string().trim().max(500).check(withLines).nullable(),
  })
  .superRefine((report, context) => {
    if (report.result === "not_found" && !report.reason)
      context.addIssue({ code: "custom", path: ["reason"], message: "fields.not_found_reason" });
    if (report.result !== "not_found" && !report.specimen)
      context.addIssue({ code: "custom", path: ["specimen"], message: "fields.specimen" });
    if (report.result !== "not_found" && !report.confidence)
      context.addIssue({ code: "custom", path: ["confidence"], message: "fields.match" });
  });
export type ReportNode = z.infer<typeof reportNodeInput>;

export const pathologyNode = z.object({
  id: z.uuid(),
  subject: z.string(),
  label: z.string(),
  region: z.string().nullable(),
  shortAxisMm: z.number().nullable(),
  excluded: z.string().nullable(),
  crops: z.array(
    z.object({
      plane: z.string(),
      sha256: z.string().nullable(),
      width: z.int().nullable(),
      height: z.int().nullable(),
    }),
  ),
  reports: z.array(
    z.object({
      result: pathologyResult,
      reason: z.string().nullable(),
      specimen: z.string().nullable(),
      confidence: matchConfidence.nullable(),
      by: z.string().nullable(),
      at: z.date(),
    }),
  ),
});
export type PathologyNode = z.infer<typeof pathologyNode>;
