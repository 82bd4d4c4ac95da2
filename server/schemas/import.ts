import { z } from "zod";
import { isNumber } from "@/core/text/number";
import { typedId } from "./typed-id";

const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((cell) => (cell === "" ? undefined : cell), schema.optional());

const name = (longest: number) => z.string().min(1, "fields.cell_empty").max(longest, "fields.cell_long");

/** What names something: the same however it was typed. */
const id = (longest: number) => typedId(longest, "fields.cell_long").pipe(name(longest));

/** A cell that must be a number within bounds: refuses text, units and decimal commas rather than guessing. */
const number = (limits: { min: number; max: number; unit: string }) =>
  z
    .string()
    .refine(isNumber, { error: "fields.cell_number", params: limits })
    .transform(Number)
    .refine((value) => value >= limits.min && value <= limits.max, { error: "fields.cell_range", params: limits });

/** 0 or 1, as pandas writes it too where the column has an empty cell: 1.0. */
const zeroOrOne = (cell: unknown) => (typeof cell === "string" ? cell.replace(/^([01])\.0*$/, "$1") : cell);

/** One row of a crop manifest, cells as text; the protocol's items are columns beside these. `file` is relative to the manifest. */
export const manifestRow = z.object({
  subject: id(60),
  node: id(60),
  plane: id(60),
  file: name(1000),
  /** 1 = positive at pathology */
  truth: optional(z.preprocess(zeroOrOne, z.enum(["0", "1"], "fields.cell_truth"))).transform((cell) =>
    cell === undefined ? undefined : cell === "1",
  ),
  /** Short-axis diameter, kept to 0.01 mm. */
  sa_mm: optional(number({ min: 0.01, max: 200, unit: "mm" }).transform((value) => Math.round(value * 100) / 100)),
  region: optional(id(120)),
});

/** The same of an image without a picture. */
export const declaredRow = manifestRow.omit({ file: true });

export type ManifestRow = z.infer<typeof declaredRow> & { file?: string };

/** One row of a table of practice cases, cells as text: rows of one case are its planes, where cases are nodes. `file` is relative to the table. */
export const practiceRow = z.object({
  case: id(120),
  plane: id(60),
  file: name(1000),
  /** 1 = positive */
  truth: z
    .preprocess(zeroOrOne, z.enum(["0", "1"], "fields.cell_truth"))
    .transform((cell) => (cell === "1" ? ("positive" as const) : ("negative" as const))),
  sa_mm: manifestRow.shape.sa_mm,
  /** Shown with the truth. */
  explanation: optional(name(2000)),
});
export type PracticeRow = z.infer<typeof practiceRow>;

/** One row of a file of reads, cells as text. `plane` is empty where the protocol reads node by node. */
export const readsRow = z.object({
  reader: id(20),
  /** By its key or its label; it may be left out where the modality says which. */
  condition: optional(id(60)),
  /** Of the condition, where the protocol has several. */
  modality: optional(id(60)),
  subject: id(60),
  node: id(60),
  plane: optional(id(60)),
  /** Empty where the case was not evaluable, or where the call follows from the rating. */
  call: optional(
    z
      .string()
      .toLowerCase()
      .transform((cell) => ({ "1": "positive", "0": "negative" })[String(zeroOrOne(cell))] ?? cell)
      .pipe(z.enum(["positive", "negative"], "fields.cell_call")),
  ),
  /** Keys of the criteria that are present, separated by ; or spaces. Absent from the file: criteria were not recorded. */
  criteria: z
    .string()
    .optional()
    .transform((cell) => cell?.split(/[;|+\s]+/).filter((key) => key !== "")),
  confidence: optional(
    number({ min: 0, max: 100, unit: "(0-100)" }).refine(Number.isInteger, "fields.cell_confidence"),
  ),
  /** On the scale of the protocol, which it is held against (`answerOfRow`). */
  rating: optional(z.string()),
  /** Whether the reader could judge the case; empty: yes. */
  evaluable: optional(z.preprocess(zeroOrOne, z.enum(["0", "1"], "fields.cell_evaluable"))).transform((cell) =>
    cell === undefined ? undefined : cell === "1",
  ),
  /** Why it was not evaluable. */
  reason: optional(name(500)),
  seconds: optional(number({ min: 0, max: 86_400, unit: "s" })),
  /** Why this read takes the place of the one that was imported before. */
  correction_reason: optional(name(500)),
});

export type ReadsRow = z.infer<typeof readsRow>;

/** Of a published table. */
const mostCases = 10_000_000;
const count = z
  .string()
  .refine((cell) => /^\d{1,8}$/.test(cell) && Number(cell) <= mostCases, {
    error: "fields.cell_count",
    params: { maximum: mostCases },
  })
  .transform(Number);

/** One row of a published table of counts, cells as text: a reader, in a condition where there are several. */
export const summaryRow = z.object({
  reader: id(60),
  condition: optional(id(60)),
  tp: count,
  fp: count,
  fn: count,
  tn: count,
});

/** One row of a file of scores of a model that was trained elsewhere, cells as text. Its score is checked by `scoreCell`, once its image is known. */
export const scoresRow = z.object({
  subject: id(60),
  node: id(60),
  plane: id(60),
  score: z.string(),
});

/** From 0 (surely negative) to 1 (surely positive). */
export const scoreCell = z
  .string()
  .refine(isNumber, "fields.score_number")
  .transform(Number)
  .refine((value) => value >= 0 && value <= 1, "fields.score_range");
