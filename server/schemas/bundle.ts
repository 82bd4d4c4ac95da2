import { z } from "zod";
import { notEvaluableRule } from "@/core/protocol/analysis";
import { said } from "@/core/words/said";
import { comparison } from "./analysis";
import { jobState } from "./job";
import { plannedContrast } from "./study";

/** How far the making of a bundle is; its id is its job's. */
export const bundleJob = z.object({
  id: z.uuid(),
  state: jobState,
  done: z.int(),
  total: z.int(),
  error: said.nullable(),
});
export type BundleJob = z.infer<typeof bundleJob>;

/** What a bundle's results were computed from beside its tables (`settings.json`). */
export const bundleSettings = z.object({
  threshold: z.number(),
  comparisons: z.array(z.enum(["condition", "reader", "network"])),
  primary: plannedContrast.nullable(),
  repeats: z.array(z.tuple([z.string(), z.string()])),
  notEvaluable: notEvaluableRule,
  ruleSets: z.array(z.string()),
  plan: z.object({
    unit: z.object({ level: z.enum(["image", "node", "patient"]), rule: z.enum(["any", "majority", "mean"]) }),
    ruleSet: z.string().nullable(),
    families: z.array(z.array(z.enum(["condition", "reader", "network"]))),
  }),
  factors: z.array(z.object({ key: z.string(), levels: z.array(z.string()) })),
  seed: z.int(),
  about: comparison.shape.about,
});

export const bundleVersions = z.object({ versions: z.object({ nodewise: z.string(), methods: z.string() }) });

const number = z.string().transform((text, context) => {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  context.addIssue({ code: "custom", message: "fields.number" });
  return z.NEVER;
});
const orNone = <T extends z.ZodType<unknown, string>>(of: T) => z.union([z.literal("").transform(() => null), of]);
const binary = z.enum(["0", "1"]).transform((text) => (text === "1" ? (1 as const) : (0 as const)));
const image = {
  image: z.string().min(1),
  patient: z.string().min(1),
  node: z.string(),
  plane: z.string(),
  truth: binary,
};

/** The columns that the protocol names. */
export const groupColumn = (factor: string) => `group_${factor}`;
export const ruleColumn = (ruleSet: string) => `call_${ruleSet}`;

/** Columns that the protocol names, each of them a code or empty. */
export const codesIn = (columns: readonly string[]) =>
  z.object(Object.fromEntries(columns.map((column) => [column, orNone(z.string())])));

/** The rows of its tables, as far as results are computed from them. */
export const bundleRows = {
  images: z.object(image),
  reads: z.object({
    reader: z.string(),
    condition: z.string(),
    occasion: number,
    image: image.image,
    call: orNone(binary),
    confidence: orNone(number),
    rating: orNone(number),
    seconds: orNone(number),
    order: orNone(number),
  }),
  scores: z.object({ image: image.image, score: number, threshold: number }),
};
