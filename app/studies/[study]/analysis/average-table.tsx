"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { EmptyState } from "@/app/_components/empty-state";
import { formatP } from "@/app/_components/format-p";
import { Stat } from "@/app/_components/stat";
import { useFormat } from "@/app/_i18n/format";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Row = ComparisonOutput["averages"][number];
const column = createColumnHelper<Row>();
const formatDf = (df: number | null) => (df === null ? "–" : df.toFixed(df < 100 ? 1 : 0));
const unitOf = (row: Row) => (row.measure === "auc" ? "number" : "percent");

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
        column.accessor(what, { id: "what", header: t("averages.what") }),
        column.accessor((row) => list(row.readers), { id: "readers", header: t("averages.readers") }),
        column.accessor((row) => t(`table.${row.measure}`), { id: "measure", header: t("comparisons.measure") }),
        column.accessor("n", { header: t("comparisons.n"), meta: { numeric: true } }),
        column.accessor((row) => row.fixed.difference.estimate, {
          id: "fixed",
          header: t("averages.fixed"),
          cell: ({ row }) => <Stat value={row.original.fixed.difference} as={unitOf(row.original)} />,
          meta: { numeric: true },
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
        column.accessor((row) => row.random?.difference.estimate ?? null, {
          id: "random",
          header: t("averages.random"),
          cell: ({ row }) =>
            row.original.random ? <Stat value={row.original.random.difference} as={unitOf(row.original)} /> : "–",
          meta: { numeric: true },
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
      ]}
    />
  );
}
