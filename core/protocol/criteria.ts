import { z } from "zod";
import type { baselineItem } from "./baseline";
import type { Quantity, Vocabulary } from "./expression";
import { key, text } from "./text";

/** A condition of taking part. */
export const criterion = z.strictObject({
  key,
  kind: z.enum(["inclusion", "exclusion"]),
  text,
  /** From what the record answers it, e.g. `surgery_date - mri_date <= 14 days`; left out: a person does. See `expression.ts`. */
  computed: z.string().trim().min(1).max(500).optional(),
});

/** What an expression may name beside the baseline items: values of other records of the subject. */
const builtIn = {
  /** The largest short axis among the subject's nodes. */
  short_axis_mm: { type: "number", units: ["mm"] },
  /** The day of the MRI exam. */
  mri_date: { type: "date" },
} as const satisfies Record<string, Quantity>;

export const isBuiltIn = (name: string): name is keyof typeof builtIn => Object.hasOwn(builtIn, name);

/** Every name that the expressions of a protocol may use. */
export function vocabularyOf(items: readonly z.infer<typeof baselineItem>[]): Vocabulary {
  return new Map<string, Quantity>([
    ...items.map((item): [string, Quantity] => [item.key, quantityOf(item)]),
    ...Object.entries(builtIn),
  ]);
}

function quantityOf(item: z.infer<typeof baselineItem>): Quantity {
  switch (item.type) {
    case "number":
      return {
        type: "number",
        units: typeof item.unit === "object" ? Object.values(item.unit) : [item.unit ?? []].flat(),
      };
    case "choice":
      return { type: "choice", options: item.options.map((each) => each.key) };
    default:
      return { type: item.type };
  }
}
