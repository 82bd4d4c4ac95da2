"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { DataTable } from "@/app/_components/data-table";
import { CheckField } from "@/app/_components/field";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { type BaselineItem, missingItems } from "@/core/protocol/values";
import type { SubjectSummary } from "@/server/schemas/enrolment";
import { SubjectState } from "./subject-state";
import { useValueInWords } from "./values-in-words";

/** Items with a column of their own at first; the others are chosen. */
const shownAtFirst = 3;

const column = createColumnHelper<SubjectSummary>();

export function SubjectTable({
  study,
  subjects,
  items,
  empty,
}: {
  study: string;
  subjects: readonly SubjectSummary[];
  items: readonly BaselineItem[];
  empty: ReactNode;
}) {
  const t = useTranslations("enrolment");
  const { list } = useFormat();
  const valueInWords = useValueInWords();
  const [shown, setShown] = useState<ReadonlySet<string>>(
    () => new Set(items.slice(0, shownAtFirst).map(({ key }) => key)),
  );
  const missing = ({ status, withdrawn, nodes, values }: SubjectSummary) => {
    if (withdrawn) return t("missing.nothing");
    if (status === "screening") return t("missing.decision");
    if (status === "eligible") return t("missing.enrolment");
    if (status !== "enrolled") return t("missing.nothing");
    const missingLabels = missingItems(items, values).map(({ label }) => label);
    return list([...(nodes === 0 ? [t("missing.nodes")] : []), ...missingLabels]) || t("missing.nothing");
  };
  const chosen = (key: string, isShown: boolean) => {
    const next = new Set(shown);
    if (isShown) next.add(key);
    else next.delete(key);
    setShown(next);
  };
  return (
    <>
      {items.length > shownAtFirst && subjects.length > 0 ? (
        <details className="no-print mb-2">
          <summary className="cursor-pointer text-soft text-sm">{t("columns.choose")}</summary>
          <div className="mt-2 flex flex-wrap gap-x-6 gap-y-2">
            {items.map(({ key, label }) => (
              <CheckField
                key={key}
                label={label}
                checked={shown.has(key)}
                onChange={({ target }) => chosen(key, target.checked)}
              />
            ))}
          </div>
        </details>
      ) : null}
      <DataTable<SubjectSummary>
        name={t("title")}
        rows={subjects}
        empty={empty}
        columns={[
          column.accessor("number", {
            header: t("columns.number"),
            cell: ({ getValue }) => (
              <Link
                href={`/studies/${study}/enrolment/${encodeURIComponent(getValue())}`}
                className="text-accent underline underline-offset-2"
              >
                {getValue()}
              </Link>
            ),
          }),
          column.accessor("status", {
            header: t("columns.status"),
            cell: ({ row }) => <SubjectState {...row.original} />,
          }),
          column.accessor(missing, { id: "missing", header: t("columns.missing") }),
          column.accessor((row) => row.screenedAt.getTime(), {
            id: "screened",
            header: t("columns.screened"),
            cell: ({ row }) => <When at={row.original.screenedAt} date />,
            meta: { csv: (row) => row.screenedAt.toISOString() },
          }),
          ...items
            .filter(({ key }) => shown.has(key))
            .map((item) =>
              column.accessor(
                ({ values }) => {
                  const value = values[item.key];
                  if (value === undefined) return "–";
                  return item.type === "number" ? value : valueInWords(item, value);
                },
                {
                  id: item.key,
                  header: item.type === "number" && item.unit ? `${item.label}, ${item.unit}` : item.label,
                  meta: { numeric: item.type === "number" },
                },
              ),
            ),
          column.accessor("nodes", { header: t("columns.nodes"), meta: { numeric: true } }),
        ]}
      />
    </>
  );
}
