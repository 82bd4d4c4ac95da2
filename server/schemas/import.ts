import { z } from "zod";

const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((cell) => (cell === "" ? undefined : cell), schema.optional());

const name = (column: string, longest: number) =>
  z
    .string()
    .min(1, `${column} is empty; every row needs one`)
    .max(longest, `${column} is longer than ${longest} characters; shorten it`);

/** A cell that must be a number within bounds: refuses text, units and decimal commas rather than guessing. */
const number = (column: string, { min, max, unit }: { min: number; max: number; unit: string }) =>
  z
    .string()
    .refine((cell) => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(cell), {
      error: (issue) => `${column} "${String(issue.input)}" is not a number; write ${unit} with a decimal point`,
    })
    .transform(Number)
    .refine((value) => value >= min && value <= max, {
      error: (issue) =>
        `${column} ${String(issue.input)} lies outside ${min} to ${max} ${unit}; correct it or leave it empty`,
    });

/** One row of a crop manifest, cells as text; the protocol's items are columns beside these. `file` is relative to the manifest. */
export const manifestRow = z.object({
  subject: name("subject", 60),
  node: name("node", 60),
  plane: name("plane", 60),
  file: name("file", 1000),
  /** 1 = positive at pathology */
  truth: optional(
    z.enum(["0", "1"], {
      error: (issue) =>
        `truth "${String(issue.input)}" is neither 0 (negative) nor 1 (positive); leave it empty when it is unknown`,
    }),
  ).transform((cell) => (cell === undefined ? undefined : cell === "1")),
  /** Short-axis diameter, kept to 0.01 mm. */
  sa_mm: optional(
    number("sa_mm", { min: 0.01, max: 200, unit: "mm" }).transform((value) => Math.round(value * 100) / 100),
  ),
  region: optional(name("region", 120)),
});

export type ManifestRow = z.infer<typeof manifestRow>;

/** One row of a file of reads, cells as text. */
export const readsRow = z.object({
  reader: name("reader", 20),
  condition: name("condition", 60),
  subject: name("subject", 60),
  node: name("node", 60),
  plane: name("plane", 60),
  call: z
    .string()
    .toLowerCase()
    .transform((cell) => ({ "1": "positive", "0": "negative" })[cell] ?? cell)
    .pipe(
      z.enum(["positive", "negative"], {
        error: (issue) => `call "${String(issue.input)}" is not known; write 1 or positive, 0 or negative`,
      }),
    ),
  /** Keys of the criteria that are present, separated by ; or spaces. Absent from the file: criteria were not recorded. */
  criteria: z
    .string()
    .optional()
    .transform((cell) => cell?.split(/[;|+\s]+/).filter((key) => key !== "")),
  confidence: optional(
    number("confidence", { min: 0, max: 100, unit: "(0-100)" }).refine(Number.isInteger, {
      error: (issue) => `confidence ${String(issue.input)} is not a whole number from 0 to 100`,
    }),
  ),
  seconds: optional(number("seconds", { min: 0, max: 86_400, unit: "s" })),
});

export type ReadsRow = z.infer<typeof readsRow>;

/** One row of a file of scores of a model that was trained elsewhere, cells as text. Its score is checked by `scoreCell`, once its image is known. */
export const scoresRow = z.object({
  subject: name("subject", 60),
  node: name("node", 60),
  plane: name("plane", 60),
  score: z.string(),
});

export type ScoresRow = z.infer<typeof scoresRow>;

/** From 0 (surely negative) to 1 (surely positive). */
export const scoreCell = z
  .string()
  .refine((cell) => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(cell), {
    error: (issue) => `score "${String(issue.input)}" is not a number; write it with a decimal point`,
  })
  .transform(Number)
  .refine((value) => value >= 0 && value <= 1, {
    error: (issue) => `score ${String(issue.input)} lies outside 0 to 1`,
  });
