"use client";

import { useTranslations } from "next-intl";
import { SelectField } from "@/app/_components/field";
import type { CasesOutput } from "@/server/schemas/cases";
import { networks, type Question, question, shows, sorts } from "./questions";

/** What is looked for. A choice that the question does not turn on is closed. */
export function CaseFilters({
  cases,
  asked,
  onAsk,
}: {
  cases: CasesOutput;
  asked: Question;
  onAsk: (asked: Question) => void;
}) {
  const t = useTranslations("cases");
  const readers = [...new Set(cases.parties.map(({ reader }) => reader))];
  const conditions = cases.conditions.filter(({ key }) => cases.parties.some(({ condition }) => condition === key));
  const ask = (change: Partial<Record<keyof Question, string | null>>) =>
    onAsk(question.parse({ ...asked, ...change }));
  const anyOr = (options: readonly { value: string; label: string }[], any: string) => [
    { value: "", label: any },
    ...options,
  ];
  return (
    <div className="no-print grid grid-cols-2 gap-3 lg:grid-cols-5">
      <SelectField
        label={t("show.title")}
        options={shows.map((value) => ({ value, label: t(`show.${value}`) }))}
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
        disabled={asked.show === "all" || asked.show === "disagreement"}
        onChange={({ target }) => ask({ reader: target.value || null })}
      />
      <SelectField
        label={t("condition")}
        options={anyOr(
          conditions.map(({ key, label }) => ({ value: key, label })),
          t("any"),
        )}
        value={asked.condition ?? ""}
        disabled={asked.show === "all" || asked.show === "changed"}
        onChange={({ target }) => ask({ condition: target.value || null })}
      />
      <SelectField
        label={t("network.title")}
        options={networks.map((value) => ({ value, label: t(`network.${value}`) }))}
        value={asked.network}
        disabled={cases.run === null}
        onChange={({ target }) => ask({ network: target.value })}
      />
      <SelectField
        label={t("sort.title")}
        options={sorts.map((value) => ({ value, label: t(`sort.${value}`) }))}
        value={asked.sort}
        onChange={({ target }) => ask({ sort: target.value })}
      />
    </div>
  );
}
