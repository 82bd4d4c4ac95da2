import { parseExpression } from "../protocol/expression";
import { evaluate, type UsedValue, type Values } from "./evaluate";

export interface Criterion {
  key: string;
  kind: "inclusion" | "exclusion";
  text: string;
  /** The expression that answers it (`core/protocol/expression.ts`); left out: a person does. */
  computed?: string | undefined;
}
export type CriterionAnswer = "met" | "not_met" | "unknown";
export type Verdict = "eligible" | "ineligible" | "undecided";

/** A criterion with the answer that counts. */
export interface AnsweredCriterion {
  key: string;
  kind: Criterion["kind"];
  answer: CriterionAnswer;
  /** What the record answers, and from which values; null where nothing is computed. */
  computed: { answer: CriterionAnswer; used: UsedValue[] } | null;
  /** Why a person says otherwise than the record; null where nobody does. */
  overrideReason: string | null;
}

export type Reason = Pick<AnsweredCriterion, "key" | "kind" | "answer">;

/** A person's answer that contradicts the record needs a reason. */
export class UnexplainedOverride extends Error {
  override name = "UnexplainedOverride";
  constructor(
    readonly criterion: string,
    readonly computed: CriterionAnswer,
    readonly answer: CriterionAnswer,
  ) {
    super(`Criterion "${criterion}" is ${computed} by the record and answered ${answer}; give the reason.`);
  }
}

/**
 * The verdict of a screening: ineligible when an inclusion criterion is not met or an exclusion criterion is, undecided while any
 * answer that could change that is unknown (an unanswered criterion counts as unknown), eligible otherwise. A computed criterion is answered by the
 * record; a person's answer counts where the record does not know, and against it with a reason.
 * @param options.values what the record holds of the subject, for computed criteria
 * @param options.overrides reasons for answers that contradict the record, by criterion
 * @returns the verdict with the criteria that caused it (none for "eligible") and every criterion as it was answered
 * @throws UnexplainedOverride for an answer that contradicts the record without a reason
 */
export function assessEligibility({
  criteria,
  answers,
  values = {},
  overrides = {},
}: {
  criteria: readonly Criterion[];
  answers: Readonly<Record<string, CriterionAnswer | undefined>>;
  values?: Values;
  overrides?: Readonly<Record<string, string | undefined>>;
}): { verdict: Verdict; reasons: Reason[]; answered: AnsweredCriterion[] } {
  const answered = criteria.map((criterion) => answerTo(criterion, { answers, values, overrides }));
  const because = (decisive: readonly AnsweredCriterion[]) =>
    decisive.map(({ key, kind, answer }): Reason => ({ key, kind, answer }));
  const against = answered.filter(({ kind, answer }) => answer === (kind === "inclusion" ? "not_met" : "met"));
  if (against.length > 0) return { verdict: "ineligible", reasons: because(against), answered };
  const unknown = answered.filter(({ answer }) => answer === "unknown");
  if (unknown.length > 0) return { verdict: "undecided", reasons: because(unknown), answered };
  return { verdict: "eligible", reasons: [], answered };
}

function answerTo(
  { key, kind, computed: expression }: Criterion,
  given: {
    answers: Readonly<Record<string, CriterionAnswer | undefined>>;
    values: Values;
    overrides: Readonly<Record<string, string | undefined>>;
  },
): AnsweredCriterion {
  const person = given.answers[key];
  const computed = expression === undefined ? null : evaluate(parseExpression(expression), given.values);
  if (!computed || computed.answer === "unknown")
    return { key, kind, answer: person ?? "unknown", computed, overrideReason: null };
  if (person === undefined || person === "unknown" || person === computed.answer)
    return { key, kind, answer: computed.answer, computed, overrideReason: null };
  const overrideReason = given.overrides[key]?.trim();
  if (!overrideReason) throw new UnexplainedOverride(key, computed.answer, person);
  return { key, kind, answer: person, computed, overrideReason };
}
