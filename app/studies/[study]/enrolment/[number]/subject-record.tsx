import { useTranslations } from "next-intl";
import { Card } from "@/app/_components/page-header";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { usePerson } from "@/app/_i18n/person";
import type { SubjectDetail } from "@/server/schemas/enrolment";
import { useValueInWords } from "../values-in-words";

/** What is recorded of a subject, by visit; a corrected value with what stood there before, and why. */
export function SubjectRecord({ subject }: { subject: SubjectDetail }) {
  const t = useTranslations("enrolment.subject");
  const person = usePerson();
  const withdrawal = useTranslations("enrolment.withdrawal");
  const { comma, day, named } = useFormat();
  const valueInWords = useValueInWords();
  const { baseline, values, recorded, consent, withdrawals, exam } = subject;
  const itemOf = (name: string) => baseline.items.find(({ key }) => key === name);
  // A version of the protocol may have dropped an item: what was recorded under it stays in sight.
  const visits = [
    ...baseline.visits.map(({ key, label }) => ({
      key,
      label,
      items: baseline.items.filter(({ visit }) => visit === key),
    })),
    {
      key: "-",
      label: t("otherVersion"),
      items: Object.keys(values)
        .filter((key) => !itemOf(key))
        .map((key) => ({ key, label: key })),
    },
  ].filter(({ items }) => items.length > 0);
  return (
    <Card className="grid gap-4">
      {visits.map((visit) => (
        <div key={visit.key}>
          <h3 className="mb-1 font-medium">{visit.label}</h3>
          <dl className="grid grid-cols-[10rem_1fr] gap-x-6 gap-y-2">
            {visit.items.map(({ key, label }) => {
              const value = values[key];
              const rows = recorded.filter((each) => each.key === key);
              return (
                <div key={key} className="contents">
                  <dt className="text-soft">{label}</dt>
                  <dd>
                    {value === undefined ? "–" : valueInWords(itemOf(key), value)}
                    {rows.length > 1 ? (
                      <details className="text-sm">
                        <summary className="cursor-pointer text-soft">{t("corrected")}</summary>
                        <ol className="list-disc pl-5">
                          {rows.map((row) => (
                            <li key={`${row.at.toISOString()} ${row.value}`}>
                              {row.value === null ? t("withdrawn") : valueInWords(itemOf(key), row.value)}
                              {comma}
                              {person(row.by)}
                              {comma}
                              <When at={row.at} />
                              {row.reason ? named("", row.reason) : ""}
                            </li>
                          ))}
                        </ol>
                      </details>
                    ) : rows[0]?.reason ? (
                      named("", rows[0].reason)
                    ) : null}
                  </dd>
                </div>
              );
            })}
          </dl>
        </div>
      ))}
      {consent || exam || withdrawals.length > 0 ? (
        <dl className="grid grid-cols-[10rem_1fr] gap-x-6 gap-y-2">
          {consent ? (
            <>
              <dt className="text-soft">{t("consent")}</dt>
              <dd>
                {t("consentValue", { date: day(consent.signedOn), version: consent.formVersion })}
                {consent.reason ? named("", consent.reason) : ""}
              </dd>
            </>
          ) : null}
          {withdrawals.map(({ withdrawnOn, scope, by }) => (
            <div key={scope} className="contents">
              <dt className="text-soft">{t("withdrawal")}</dt>
              <dd>
                {withdrawal("value", { date: day(withdrawnOn), scope: withdrawal(`scope.${scope}`), by: person(by) })}
              </dd>
            </div>
          ))}
          {exam ? (
            <>
              <dt className="text-soft">{t("exam")}</dt>
              <dd>{t("examValue", { date: day(exam.performedOn), scanner: exam.scanner })}</dd>
            </>
          ) : null}
        </dl>
      ) : null}
    </Card>
  );
}
