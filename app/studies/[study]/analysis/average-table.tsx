"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { EmptyState } from "@/app/_components/empty-state";
import { formatP } from "@/app/_components/format-p";
import { statColumn } from "@/app/_components/stat-column";
import { useFormat } from "@/app/_i18n/format";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Row = ComparisonOutput["averages"][number];
const column = createColumnHelper<Row>();
const formatDf = (df: number | null) => (df === null ? "–" : df.toFixed(df < 100 ? 1 : 0));
const unitOf = ({ measure }: Row) => (measure === "auc" ? "number" : "percent");

/** What holds on average over the readers: of these readers, and of readers like these. */
export function AverageTable({ comparison, leaks }: { comparison: ComparisonOutput; leaks: boolean }) {
  const t = useTranslations("analysis");
  const names = useNames(comparison);
  const { list } = useFormat();
  const what = (row: Row) =>
    row.first === null
      ? t("averages.network", { condition: names.condition(row.second) })
      : t("averages.conditions", { first: names.condition(row.first), second: names.condition(row.second) });
  return (
    <DataTable<Row>
      name={t("averages.title")}
      leaks={({ first }) => leaks && first === null}
      rows={comparison.averages}
      filter={false}
      empty={<EmptyState title={t("averages.empty")} />}
      columns={[
        column.accessor(what, {
          id: "what",
          header: t("averages.what"),
          cell: ({ getValue }) => <span className="block min-w-40">{getValue()}</span>,
        }),
        column.accessor(
          (row) =>
            row.leftOut.length > 0
              ? t("averages.without", { readers: list(row.readers), others: list(row.leftOut) })
              : list(row.readers),
          { id: "readers", header: t("averages.readers") },
        ),
        column.accessor((row) => t(`table.${row.measure}`), { id: "measure", header: t("comparisons.measure") }),
        column.accessor("n", { header: t("comparisons.n"), meta: { numeric: true } }),
        column.accessor((row) => t("averages.readsOf", { reads: row.reads, possible: row.possible }), {
          id: "reads",
          header: t("averages.reads"),
          cell: ({ getValue }) => <span className="whitespace-nowrap">{getValue()}</span>,
          meta: { numeric: true, csv: (row) => row.reads },
        }),
        statColumn<Row>({
          id: "fixed",
          header: t("averages.fixed"),
          of: (row) => row.fixed.difference,
          as: unitOf,
        }),
        column.accessor((row) => formatP(row.fixed.p), {
          id: "p",
          header: t("comparisons.p"),
          meta: { numeric: true, csv: (row) => row.fixed.p },
        }),
        column.accessor((row) => formatP(row.fixed.pHolm), {
          id: "pHolm",
          header: t("comparisons.pHolm"),
          meta: { numeric: true, csv: (row) => row.fixed.pHolm },
        }),
        statColumn<Row>({
          id: "random",
          header: t("averages.random"),
          of: (row) => row.random?.difference ?? null,
          as: unitOf,
        }),
        column.accessor((row) => formatDf(row.random?.df ?? null), {
          id: "df",
          header: t("averages.df"),
          meta: { numeric: true, csv: (row) => row.random?.df ?? null },
        }),
        column.accessor((row) => formatP(row.random?.p ?? null), {
          id: "randomP",
          header: t("averages.randomP"),
          meta: { numeric: true, csv: (row) => row.random?.p ?? null },
        }),
        statColumn<Row>({
          id: "complete",
          header: t("averages.complete"),
          of: (row) => row.complete?.fixed.difference ?? null,
          as: unitOf,
        }),
        column.accessor((row) => row.complete?.n ?? null, {
          id: "completeN",
          header: t("averages.completeN"),
          cell: ({ getValue }) => getValue() ?? "–",
          meta: { numeric: true },
        }),
        column.accessor((row) => formatP(row.complete?.fixed.p ?? null), {
          id: "completeP",
          header: t("averages.completeP"),
          meta: { numeric: true, csv: (row) => row.complete?.fixed.p ?? null },
        }),
      ]}
    />
  );
}
