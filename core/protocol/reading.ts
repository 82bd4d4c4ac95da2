import { z } from "zod";
import { designs } from "@/core/reading/designs/design";
import { key, option, text } from "./text";

/** What one case of the schedule is: one image, as in the founding study, or every plane of a node side by side. */
export const readingCase = z.enum(["image", "node"]);

/** What a screen must be able to show before a reader opens cases: the smallest page, in CSS pixels; and near-black beside black, near-white beside white. */
const displayCheck = z.strictObject({ minWidth: z.int().min(320).max(8_000), minHeight: z.int().min(320).max(8_000) });

/** Training cases with a known truth, which is told after each read of one, and which share of them must be called right before real reading opens (`core/protocol/practised-conditions.ts`). */
const practice = z.strictObject({
  passMark: z.number().positive().max(1),
  /** The conditions that ask for it; left out: each that repeats no other. */
  conditions: z.array(key).min(1).optional(),
});

/** Cases of a list that its reader is given once more without being told, for the agreement of a reader with herself (`core/reading/designs/repeats.ts`). */
const repeats = z.strictObject({
  /** How many of each list. */
  cases: z.int().min(1).max(10_000),
  /** How many cases lie between the two reads of one at least. */
  apart: z.int().min(1).max(10_000),
  /** The conditions whose lists have them; left out: each that repeats no other. */
  conditions: z.array(key).min(1).optional(),
});

/** What is read at once, and who reads what in which order (`core/reading/designs`); no design: sequential. No practice: real reading opens at once. No repeats: every case is read once in a condition. */
export const reading = z.strictObject({
  case: readingCase,
  design: z.enum(designs).optional(),
  /** Asked of a reader before each session; left out: of nobody. */
  displayCheck: displayCheck.optional(),
  practice: practice.optional(),
  repeats: repeats.optional(),
});

const furthest = 1_000_000;

/** On which a reader says how suspicious a case is, e.g. 1 to 5: the higher, the more (`core/reading/rating.ts`). */
const ratingScale = z.strictObject({
  min: z.number().min(-furthest).max(furthest),
  max: z.number().min(-furthest).max(furthest),
  /** From one value to the next; left out: every number between. */
  step: z.int().min(1).optional(),
  /** What the ends mean. */
  low: text,
  high: text,
  /** A rating of this or more is a positive call, and the reader makes none; left out: the reader calls beside the rating. */
  positiveFrom: z.number().optional(),
});

/** What a reader fills in for each case. */
export const readingForm = z.strictObject({
  criteria: z.array(z.strictObject({ key, label: text, hint: text.optional() })),
  confidence: z.strictObject({ min: z.literal(0), max: z.literal(100) }).optional(),
  rating: ratingScale.optional(),
  /** A reader may say that a case cannot be judged, with one of these reasons, or in words where none is listed; left out: every case is called. */
  notEvaluable: z.strictObject({ reasons: z.array(option) }).optional(),
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
