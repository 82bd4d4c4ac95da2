export interface Criterion {
  key: string;
  kind: "inclusion" | "exclusion";
  text: string;
}
export type CriterionAnswer = "met" | "not_met" | "unknown";
export type Verdict = "eligible" | "ineligible" | "undecided";

export interface Reason {
  key: string;
  kind: Criterion["kind"];
  answer: CriterionAnswer;
}

/**
 * The verdict of a screening: ineligible when an inclusion criterion is not met or an exclusion criterion is, undecided while any
 * answer that could change that is unknown (an unanswered criterion counts as unknown), eligible otherwise.
 * @returns the verdict with the criteria that caused it; none for "eligible"
 */
export function assessEligibility({
  criteria,
  answers,
}: {
  criteria: readonly Criterion[];
  answers: Readonly<Record<string, CriterionAnswer | undefined>>;
}): { verdict: Verdict; reasons: Reason[] } {
  const answered = criteria.map(({ key, kind }) => ({ key, kind, answer: answers[key] ?? "unknown" }));
  const against = answered.filter(({ kind, answer }) => answer === (kind === "inclusion" ? "not_met" : "met"));
  if (against.length > 0) return { verdict: "ineligible", reasons: against };
  const unknown = answered.filter(({ answer }) => answer === "unknown");
  return unknown.length > 0 ? { verdict: "undecided", reasons: unknown } : { verdict: "eligible", reasons: [] };
}
