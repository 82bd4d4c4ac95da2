import { z } from "zod";
import { problemsOf, protocolRegimen } from "./regimen";

const key = z
  .string()
  .regex(/^[a-z][a-z0-9_-]*$/, "a key is made of lower-case letters, digits, _ and -, and starts with a letter");
const text = z.string().trim().min(1);

const criterion = z.strictObject({ key, kind: z.enum(["inclusion", "exclusion"]), text });

const plane = z.strictObject({ key, label: text });

const condition = z.strictObject({
  key,
  label: text,
  /** Whether the reader sees the short-axis diameter. */
  showsSize: z.boolean(),
  /** Days between the end of the condition before and the opening of this one. */
  washOutDays: z.number().min(0).max(3650),
});

const readingCriterion = z.strictObject({ key, label: text, hint: text.optional() });

const sizeBand = z.strictObject({
  /** Short-axis diameter in mm, exclusive. */
  below: z.number().positive().optional(),
  /** Short-axis diameter in mm, inclusive. */
  upTo: z.number().positive().optional(),
  /** How many reading criteria must be present for a positive call; 0: always positive. */
  criteria: z.int().min(0),
});

const ruleSet = z.strictObject({
  key,
  title: text,
  source: text,
  sizeHidden: z.strictObject({ criteria: z.int().min(0) }),
  sizeShown: z.array(sizeBand).min(1),
});

const analysis = z.strictObject({
  unit: z.enum(["image"]),
  confidenceLevel: z.literal(0.95),
  primary: text,
  comparisons: z.array(z.enum(["condition", "reader", "network"])),
  multiplicity: z.literal("holm"),
});

function unique(items: readonly { key: string }[]) {
  return new Set(items.map((item) => item.key)).size === items.length;
}

/** A study protocol: everything organ-specific is here, and nothing of it in the code. */
export const protocol = z
  .strictObject({
    key,
    title: text,
    version: text,
    source: text.optional(),
    /** What the record calls its lesion, e.g. "lymph node". */
    lesion: text,
    criteria: z.array(criterion),
    tStages: z.array(text),
    regions: z.array(text),
    planes: z.array(plane).min(1),
    conditions: z.array(condition).min(1),
    form: z.strictObject({
      criteria: z.array(readingCriterion),
      confidence: z.strictObject({ min: z.literal(0), max: z.literal(100) }).optional(),
      /** The rule set that proposes the call; none: the reader calls without a proposal. */
      ruleSet: key.optional(),
    }),
    ruleSets: z.array(ruleSet),
    readers: z.array(z.string().regex(/^R[0-9]+$/, "a reader code looks like R2")).min(1),
    network: protocolRegimen,
    analysis,
  })
  .superRefine((document, context) => {
    const lists = {
      criteria: document.criteria,
      planes: document.planes,
      conditions: document.conditions,
      ruleSets: document.ruleSets,
    };
    for (const [name, items] of Object.entries(lists)) {
      if (!unique(items))
        context.addIssue({
          code: "custom",
          path: [name],
          message: `${name}: two entries have the same key; give each its own`,
        });
    }
    const { ruleSet: named, criteria } = document.form;
    if (named && !document.ruleSets.some((set) => set.key === named)) {
      context.addIssue({
        code: "custom",
        path: ["form", "ruleSet"],
        message: `form.ruleSet: "${named}" is not one of ruleSets; add it there or name another`,
      });
    }
    for (const [index, set] of document.ruleSets.entries()) {
      const last = set.sizeShown.at(-1);
      if (last && (last.below !== undefined || last.upTo !== undefined)) {
        context.addIssue({
          code: "custom",
          path: ["ruleSets", index],
          message: "the last band of sizeShown must have no bound, so that every size has a rule",
        });
      }
      if ([set.sizeHidden, ...set.sizeShown].some((rule) => rule.criteria > criteria.length)) {
        context.addIssue({
          code: "custom",
          path: ["ruleSets", index],
          message: `asks for more criteria than the form has (${criteria.length})`,
        });
      }
    }
  });

/** A protocol that comes in: its regimen can be trained, too. One that is stored and approved is read as it is. */
export const newProtocol = protocol.superRefine(({ network }, context) => {
  for (const message of problemsOf(network)) context.addIssue({ code: "custom", path: ["network"], message });
});

export type Protocol = z.infer<typeof protocol>;
