"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { formatP } from "@/app/_components/format-p";
import { statColumn } from "@/app/_components/stat-column";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Row = ComparisonOutput["secondary"][number];
const column = createColumnHelper<Row>();

/** The compared pairs by accuracy, single-point area and predictive values. */
export function SecondaryTable({ comparison, leaks }: { comparison: ComparisonOutput; leaks: boolean }) {
  const t = useTranslations("analysis");
  const names = useNames(comparison);
  return (
    <DataTable<Row>
      name={t("secondary.title")}
      leaks={({ kind }) => leaks && kind === "network"}
      rows={comparison.secondary}
      empty={null}
      columns={[
        column.accessor((row) => names.both(row.first), { id: "first", header: t("secondary.first") }),
        column.accessor((row) => names.both(row.second), { id: "second", header: t("secondary.second") }),
        column.accessor((row) => t(`table.${row.measure}`), { id: "measure", header: t("comparisons.measure") }),
        column.accessor((row) => t(`secondary.${row.scale}`), { id: "scale", header: t("secondary.scale") }),
        column.accessor("n", { header: t("comparisons.n"), meta: { numeric: true } }),
        statColumn<Row>({
          id: "value",
          header: t("secondary.value"),
          of: (row) => row.value,
          as: ({ measure }) => (measure === "accuracy" ? "percent" : "number"),
        }),
        column.accessor((row) => formatP(row.p), {
          id: "p",
          header: t("comparisons.p"),
          meta: { numeric: true, csv: (row) => row.p },
        }),
      ]}
    />
  );
}
