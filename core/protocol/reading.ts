import { z } from "zod";
import { key, text } from "./text";

/** What one case of the schedule is: one image, as in the founding study, or every plane of a node side by side. */
export const readingCase = z.enum(["image", "node"]);

/** What a reader fills in for each case. */
export const readingForm = z.strictObject({
  criteria: z.array(z.strictObject({ key, label: text, hint: text.optional() })),
  confidence: z.strictObject({ min: z.literal(0), max: z.literal(100) }).optional(),
  /** The rule set that proposes the call; none: the reader calls without a proposal. */
  ruleSet: key.optional(),
});

const sizeBand = z.strictObject({
  /** Short-axis diameter in mm, exclusive. */
  below: z.number().positive().optional(),
  /** Short-axis diameter in mm, inclusive. */
  upTo: z.number().positive().optional(),
  /** How many reading criteria must be present for a positive call; 0: always positive. */
  criteria: z.int().min(0),
});

/** How criteria, and size where it is shown, make a proposed call (`core/reading/rule-set.ts`). */
export const ruleSet = z.strictObject({
  key,
  title: text,
  source: text,
  sizeHidden: z.strictObject({ criteria: z.int().min(0) }),
  sizeShown: z.array(sizeBand).min(1),
});
