import { z } from "zod";
import { shown } from "@/core/protocol/conditions";
import { oneLine } from "@/core/text/characters";
import { call, readingCase, submitReadInput } from "./reading";

const conditionKey = z.string().min(1).max(60).check(oneLine);

export const practiceInput = z.object({ condition: conditionKey });

/** How a reader stands in a condition that asks for practice. */
export const practiceStanding = z.object({
  condition: z.object({ key: z.string(), label: z.string(), shows: z.array(shown) }),
  /** The share that must be right. */
  passMark: z.number(),
  /** Of the set that a round which begins now is on; 0: nobody has brought any. */
  cases: z.int(),
  /** The round under way, or the one that ended last; 0: none was begun. */
  round: z.int(),
  /** Of that round: its cases, how many are answered, and how many of these rightly. */
  total: z.int(),
  done: z.int(),
  correct: z.int(),
  passedRound: z.int().nullable(),
  /** Cases of the study were read in this condition before practice was asked for: none is needed. */
  begun: z.boolean(),
});
export type PracticeStanding = z.infer<typeof practiceStanding>;

export const submitPracticeInput = submitReadInput.omit({ ahead: true, display: true }).extend({
  condition: conditionKey,
});
export type SubmitPractice = z.infer<typeof submitPracticeInput>;

/** What a practice case is, told once it was answered. */
export const practiceAnswer = z.object({
  /** What its reader said of it: criterion key -> present. */
  criteria: z.record(z.string(), z.boolean()),
  truth: call,
  /** What its reader called it; null: not evaluable, which is no right call. */
  decided: call.nullable(),
  explanation: z.string().nullable(),
});
export type PracticeAnswer = z.infer<typeof practiceAnswer>;

export const openPracticeInput = practiceInput.extend({
  /** Whether the case answered last comes with its answer: after a reload, or where the answer was lost, nobody has seen it. */
  withLast: z.boolean(),
});

/** The practice case whose turn it is, null between two rounds; and the one answered last, null where none was, or it was not asked for. */
export const practiceTurn = z.object({
  case: readingCase.nullable(),
  last: z.object({ case: readingCase, answer: practiceAnswer }).nullable(),
  standing: practiceStanding,
});
export type PracticeTurn = z.infer<typeof practiceTurn>;

/** What whoever follows the readers is told of practice: how it ended, and no call. */
export const practiceProgress = z.object({
  /** Null: the protocol asks for no practice. */
  passMark: z.number().nullable(),
  cases: z.int(),
  readers: z.array(
    z.object({
      readerCode: z.string(),
      condition: z.string(),
      rounds: z.int(),
      passed: z.object({ round: z.int(), correct: z.int(), total: z.int() }).nullable(),
      begun: z.boolean(),
    }),
  ),
});
export type PracticeProgress = z.infer<typeof practiceProgress>;
