import { z } from "zod";
import { oneLine, withLines } from "@/core/text/characters";

export const unblindingKind = z.enum(["planned", "emergency"]);
/** What somebody was told of. */
export const unblindedFact = z.enum(["pathology", "size", "score"]);

export const recordUnblindingInput = z.object({
  kind: unblindingKind,
  /** Of whom; null: of every patient. */
  subject: z.string().trim().min(1).max(40).check(oneLine).nullable(),
  /** A reader of the study, by code, or somebody else, by name and function. */
  to: z.union([
    z.object({ reader: z.string().min(1).max(20).check(oneLine) }),
    z.object({ name: z.string().trim().min(1, "fields.told_name").max(200).check(oneLine) }),
  ]),
  told: z.array(unblindedFact).min(1, "fields.told_nothing").max(unblindedFact.options.length),
  reason: z.string().trim().min(3, "fields.reason").max(500).check(withLines),
  at: z.iso
    .datetime("fields.told_at")
    .refine((text) => text >= "1900", "fields.told_at")
    .transform((text) => new Date(text)),
});
export type RecordUnblinding = z.infer<typeof recordUnblindingInput>;

export const unblindings = z.object({
  acts: z.array(
    z.object({
      id: z.string(),
      kind: unblindingKind,
      subject: z.string().nullable(),
      to: z.string(),
      told: z.array(unblindedFact),
      reason: z.string(),
      at: z.date(),
      by: z.string(),
      recordedAt: z.date(),
    }),
  ),
  readers: z.array(z.string()),
  locked: z.boolean(),
});
export type Unblindings = z.infer<typeof unblindings>;

/** How many reads count that were made after their reader was told something of the patient, and of how many patients they are. */
export const readsAfterUnblinding = z.object({ reads: z.int(), patients: z.int() });
