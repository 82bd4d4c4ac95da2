import { z } from "zod";
import { verdicts } from "@/core/stats/paper/audit-row";
import { figureNames, mostImages } from "@/core/stats/paper/printed";
import { withLines } from "@/core/text/characters";
import { said } from "@/core/words/said";

const imagesOfClass = z.int().min(1).max(mostImages).nullable();

/** Numbers of images that a paper declares; null where it does not. */
export const declaredNumbers = z.object({
  positives: imagesOfClass,
  negatives: imagesOfClass,
  images: z
    .int()
    .min(2)
    .max(2 * mostImages)
    .nullable(),
});

/** A published table as it was typed or pasted: cells with commas, semicolons or tabs between them. */
export const auditTableInput = z.object({
  text: z.string().min(1).max(100_000).check(withLines),
  declared: declaredNumbers,
});
export type AuditTableInput = z.infer<typeof auditTableInput>;

const count = z.int().min(0);
const table = z.object({ tp: count, fn: count, tn: count, fp: count });

export const tableAudit = z.object({
  rows: z.array(
    z.object({
      row: z.string(),
      printed: z.array(said),
      verdict: z.enum(verdicts),
      contradictions: z.array(said),
      atDeclared: z.array(said),
      intervals: z.array(said),
      tables: z.array(table),
      more: z.boolean(),
    }),
  ),
  sets: z.array(
    z.object({
      rows: z.array(z.string()),
      leftOut: z.array(z.enum(figureNames)),
      margins: z.array(z.object({ positives: count, negatives: count })),
      more: z.boolean(),
      tables: z.array(z.object({ row: z.string(), tables: z.array(table), more: z.boolean(), makes: said.nullable() })),
      findings: z.array(said),
    }),
  ),
  notes: z.array(said),
});
export type TableAudit = z.infer<typeof tableAudit>;
