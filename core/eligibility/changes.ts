import { parseExpression } from "../protocol/expression";
import type { Criterion, CriterionAnswer } from "./assess";
import { evaluate, type UsedValue, type Values } from "./evaluate";

/** What the record answered to a computed criterion at an assessment. */
export interface Evaluation {
  key: string;
  answer: CriterionAnswer;
  used: UsedValue[];
  /** Why a person answered otherwise; null where nobody did. */
  overrideReason: string | null;
}

/** A criterion of which the record says something else than at the assessment, and than what counted there. */
export interface ChangedCriterion {
  key: string;
  /** What counted. */
  counted: CriterionAnswer;
  now: CriterionAnswer;
  used: UsedValue[];
}

/**
 * Where the record has moved away from an assessment since. An answer that the record confirms later is no change.
 * @param values what the record holds now
 */
export function changedSince({
  answers,
  evaluations,
  criteria,
  values,
}: {
  answers: Readonly<Record<string, CriterionAnswer | undefined>>;
  evaluations: readonly Evaluation[];
  criteria: readonly Criterion[];
  values: Values;
}): ChangedCriterion[] {
  return evaluations.flatMap(({ key, answer, overrideReason }) => {
    const expression = criteria.find((criterion) => criterion.key === key)?.computed;
    if (expression === undefined) return [];
    const person = answers[key] ?? "unknown";
    const counted = answer === "unknown" || overrideReason !== null ? person : answer;
    const now = evaluate(parseExpression(expression), values);
    return now.answer === answer || now.answer === counted ? [] : [{ key, counted, now: now.answer, used: now.used }];
  });
}
