"use client";

import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { Choice } from "@/app/_components/field";
import { assessEligibility, type Criterion, type CriterionAnswer } from "@/core/eligibility/assess";

export type Answers = Record<string, CriterionAnswer>;

/** Every criterion with its three answers, and the verdict that follows from them as they stand. */
export function CriteriaFields({
  criteria,
  answers,
  onChange,
}: {
  criteria: readonly Criterion[];
  answers: Answers;
  onChange: (answers: Answers) => void;
}) {
  const t = useTranslations("enrolment");
  const { verdict, reasons } = assessEligibility({ criteria, answers });
  const tone = { eligible: "success", ineligible: "danger", undecided: "warning" } as const;
  return (
    <div className="grid gap-6">
      {(["inclusion", "exclusion"] as const).map((kind) => (
        <div key={kind} className="grid gap-4">
          <h2>{t(`kind.${kind}`)}</h2>
          {criteria
            .filter((criterion) => criterion.kind === kind)
            .map((criterion) => (
              <Choice
                key={criterion.key}
                legend={criterion.text}
                name={criterion.key}
                value={answers[criterion.key] ?? "unknown"}
                onChange={(answer) => onChange({ ...answers, [criterion.key]: answer })}
                options={(["met", "not_met", "unknown"] as const).map((value) => ({
                  value,
                  label: t(`answerOf.${value}`),
                }))}
              />
            ))}
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
