"use client";

import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { Choice, TextField } from "@/app/_components/field";
import { assessEligibility, type Criterion, type CriterionAnswer } from "@/core/eligibility/assess";
import type { Values } from "@/core/eligibility/evaluate";
import type { BaselineItem } from "@/core/protocol/values";
import { useUsedInWords } from "./values-in-words";

export interface Answers {
  answers: Record<string, CriterionAnswer>;
  /** Reasons for answers that contradict the record. */
  overrides: Record<string, string>;
}

/** The answers that go against the record and say why: the others follow it. */
function followed(criteria: readonly Criterion[], { answers, overrides }: Answers, values: Values) {
  const { answered } = assessEligibility({ criteria, answers: {}, values });
  const unexplained = answered.filter(
    ({ key, computed }) =>
      computed && computed.answer !== "unknown" && computed.answer !== answers[key] && !overrides[key]?.trim(),
  );
  const rest = Object.entries(answers).filter(([key]) => !unexplained.some((criterion) => criterion.key === key));
  return assessEligibility({ criteria, answers: Object.fromEntries(rest), values, overrides });
}

/**
 * Every criterion with its three answers, and the verdict that follows from them as they stand. A computed one shows what the record says; another
 * answer asks for the reason.
 */
export function CriteriaFields({
  criteria,
  items,
  values,
  given,
  onChange,
}: {
  criteria: readonly Criterion[];
  items: readonly BaselineItem[];
  values: Values;
  given: Answers;
  onChange: (given: Answers) => void;
}) {
  const t = useTranslations("enrolment");
  const usedInWords = useUsedInWords(items);
  const { answers, overrides } = given;
  const { verdict, reasons, answered } = followed(criteria, given, values);
  const tone = { eligible: "success", ineligible: "danger", undecided: "warning" } as const;

  function hintOf({ key }: Criterion) {
    const computed = answered.find((each) => each.key === key)?.computed;
    if (!computed) return undefined;
    const used = usedInWords(computed.used);
    return computed.answer === "unknown"
      ? t("computed.unknown", { used })
      : t("computed.byRecord", { answer: t(`answerOf.${computed.answer}`), used });
  }

  return (
    <div className="grid gap-6">
      {(["inclusion", "exclusion"] as const).map((kind) => (
        <div key={kind} className="grid gap-4">
          <h2>{t(`kind.${kind}`)}</h2>
          {criteria
            .filter((criterion) => criterion.kind === kind)
            .map((criterion) => {
              const { key } = criterion;
              const record = answered.find((each) => each.key === key)?.computed?.answer ?? "unknown";
              const person = answers[key] ?? "unknown";
              const answer = person === "unknown" ? record : person;
              const against = record !== "unknown" && answer !== record;
              return (
                <div key={key} className="grid gap-2">
                  <Choice
                    legend={criterion.text}
                    hint={hintOf(criterion)}
                    name={key}
                    value={answer}
                    onChange={(next) => onChange({ overrides, answers: { ...answers, [key]: next } })}
                    options={(["met", "not_met", "unknown"] as const).map((value) => ({
                      value,
                      label: t(`answerOf.${value}`),
                    }))}
                  />
                  {against ? (
                    <TextField
                      label={t("computed.reason")}
                      hint={t("computed.reasonHint")}
                      required
                      maxLength={1000}
                      className="max-w-xl"
                      value={overrides[key] ?? ""}
                      onChange={({ target }) => onChange({ answers, overrides: { ...overrides, [key]: target.value } })}
                    />
                  ) : null}
                </div>
              );
            })}
        </div>
      ))}
      <div role="status" className="rounded-md border border-line bg-raised p-4" data-testid="verdict">
        <Badge tone={tone[verdict]}>{t(`verdict.${verdict}`)}</Badge>
        {reasons.length > 0 ? (
          <ul className="mt-2 list-disc pl-5 text-sm">
            {reasons.map((reason) => {
              const text = criteria.find((criterion) => criterion.key === reason.key)?.text ?? reason.key;
              if (reason.answer === "unknown")
                return <li key={reason.key}>{t(`reason.${reason.kind}.unknown`, { text })}</li>;
              return (
                <li key={reason.key}>
                  {reason.kind === "inclusion"
                    ? t("reason.inclusion.not_met", { text })
                    : t("reason.exclusion.met", { text })}
                </li>
              );
            })}
          </ul>
        ) : null}
      </div>
    </div>
  );
}
