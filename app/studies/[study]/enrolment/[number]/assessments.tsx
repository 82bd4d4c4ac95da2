import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/notice";
import { When } from "@/app/_components/values";
import { usePerson } from "@/app/_i18n/person";
import type { SubjectDetail } from "@/server/schemas/enrolment";
import { useUsedInWords } from "../values-in-words";

/** Every screening with its verdict and what decided, newest first; above them where the record says something else by now. */
export function Assessments({ subject }: { subject: SubjectDetail }) {
  const t = useTranslations("enrolment");
  const person = usePerson();
  const usedInWords = useUsedInWords(subject.baseline.items);
  const textOf = (key: string) => subject.criteria.find((criterion) => criterion.key === key)?.text ?? key;
  return (
    <div className="grid gap-3">
      {subject.changed.length > 0 ? (
        <Notice tone="warning" title={t("computed.changed")}>
          <ul className="list-disc pl-5">
            {subject.changed.map(({ key, counted, now, used }) => (
              <li key={key}>
                {t("computed.changedFrom", {
                  text: textOf(key),
                  before: t(`answerOf.${counted}`),
                  now: t(`answerOf.${now}`),
                  used: usedInWords(used),
                })}
              </li>
            ))}
          </ul>
        </Notice>
      ) : null}
      <ol className="grid gap-3">
        {subject.assessments.map((assessment) => (
          <li key={assessment.at.toISOString()} className="rounded-md border border-line bg-surface p-4">
            <p>
              {t("subject.assessment", {
                verdict: t(`verdict.${assessment.verdict}`),
                version: assessment.protocolVersion,
                by: person(assessment.by),
              })}
            </p>
            <p className="text-soft text-sm">
              <When at={assessment.at} />
            </p>
            <ul className="mt-2 list-disc pl-5 text-sm">
              {assessment.reasons.map((reason) => (
                <li key={reason.key}>
                  {textOf(reason.key)}: {t(`answerOf.${reason.answer}`)}
                </li>
              ))}
              {assessment.evaluations.map(({ key, answer, used, overrideReason }) => (
                <li key={`evaluated-${key}`} className="text-soft">
                  {t("computed.then", {
                    text: textOf(key),
                    answer: t(`answerOf.${answer}`),
                    used: usedInWords(used),
                  })}
                  {overrideReason ? ` ${t("computed.overridden", { reason: overrideReason })}` : ""}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </div>
  );
}
