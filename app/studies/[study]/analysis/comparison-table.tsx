"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { EmptyState } from "@/app/_components/empty-state";
import { formatP } from "@/app/_components/format-p";
import { statColumn } from "@/app/_components/stat-column";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Row = ComparisonOutput["comparisons"][number];
const column = createColumnHelper<Row>();

export function ComparisonTable({ comparison, leaks }: { comparison: ComparisonOutput; leaks: boolean }) {
  const t = useTranslations("analysis");
  const names = useNames(comparison);
  return (
    <DataTable<Row>
      name={t("comparisons.title")}
      leaks={({ first, second }) => leaks && [first, second].some(({ reader }) => reader === "network")}
      rows={comparison.comparisons}
      empty={<EmptyState title={t("comparisons.empty")} />}
      columns={[
        column.accessor((row) => names.both(row.first), { id: "first", header: t("comparisons.first") }),
        column.accessor((row) => names.both(row.second), { id: "second", header: t("comparisons.second") }),
        column.accessor((row) => t(`table.${row.measure}`), { id: "measure", header: t("comparisons.measure") }),
        column.accessor("n", { header: t("comparisons.n"), meta: { numeric: true } }),
        statColumn<Row>({
          id: "difference",
          header: t("comparisons.difference"),
          of: (row) => row.difference,
          as: ({ measure }) => (measure === "auc" ? "number" : "percent"),
        }),
        column.accessor("p", {
          header: t("comparisons.p"),
          cell: ({ getValue }) => formatP(getValue()),
          meta: { numeric: true },
        }),
        column.accessor("pHolm", {
          header: t("comparisons.pHolm"),
          cell: ({ getValue }) => formatP(getValue()),
          meta: { numeric: true },
        }),
      ]}
    />
  );
}
