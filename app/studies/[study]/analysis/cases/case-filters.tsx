"use client";

import { useTranslations } from "next-intl";
import { SelectField } from "@/app/_components/field";
import { type CaseQuestion, caseShows, caseSorts, networkShows, turnsOn } from "@/core/reading/found-cases";
import { type CasesOutput, caseQuestion } from "@/server/schemas/cases";

/** What is looked for. A choice that the question does not turn on is closed. */
export function CaseFilters({
  cases,
  asked,
  onAsk,
}: {
  cases: CasesOutput;
  asked: CaseQuestion;
  onAsk: (asked: CaseQuestion) => void;
}) {
  const t = useTranslations("cases");
  const readers = [...new Set(cases.parties.map(({ reader }) => reader))];
  const conditions = cases.conditions.filter(({ key }) => cases.parties.some(({ condition }) => condition === key));
  const ask = (change: Partial<Record<keyof CaseQuestion, string | null>>) =>
    onAsk(caseQuestion.parse({ ...asked, ...change }));
  const on = turnsOn(asked.show);
  const anyOr = (options: readonly { value: string; label: string }[], any: string) => [
    { value: "", label: any },
    ...options,
  ];
  return (
    <div className="no-print grid grid-cols-2 gap-3 lg:grid-cols-5">
      <SelectField
        label={t("show.title")}
        options={caseShows.map((value) => ({ value, label: t(`show.${value}`) }))}
        value={asked.show}
        onChange={({ target }) => ask({ show: target.value })}
      />
      <SelectField
        label={t("reader")}
        options={anyOr(
          readers.map((value) => ({ value, label: value })),
          t("any"),
        )}
        value={asked.reader ?? ""}
        disabled={!on.reader}
        onChange={({ target }) => ask({ reader: target.value || null })}
      />
      <SelectField
        label={t("condition")}
        options={anyOr(
          conditions.map(({ key, label }) => ({ value: key, label })),
          t("any"),
        )}
        value={asked.condition ?? ""}
        disabled={!on.condition}
        onChange={({ target }) => ask({ condition: target.value || null })}
      />
      <SelectField
        label={t("network.title")}
        options={networkShows.map((value) => ({ value, label: t(`network.${value}`) }))}
        value={asked.network}
        disabled={cases.run === null}
        onChange={({ target }) => ask({ network: target.value })}
      />
      <SelectField
        label={t("sort.title")}
        options={caseSorts.map((value) => ({ value, label: t(`sort.${value}`) }))}
        value={asked.sort}
        onChange={({ target }) => ask({ sort: target.value })}
      />
    </div>
  );
}
