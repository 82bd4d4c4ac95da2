"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { statColumn } from "@/app/_components/stat-column";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Row = ComparisonOutput["notEvaluable"][number];
const column = createColumnHelper<Row>();

/** What each rule for reads that were not evaluable gives, the rule of the plan marked. */
export function NotEvaluableTable({ comparison }: { comparison: ComparisonOutput }) {
  const t = useTranslations("analysis.notEvaluable");
  const names = useNames(comparison);
  const stat = (id: "sensitivity" | "specificity") =>
    statColumn<Row>({ id, header: t(id), of: (row) => row[id], as: "percent" });
  return (
    <DataTable<Row>
      name={t("title")}
      rows={comparison.notEvaluable}
      filter={false}
      empty={null}
      columns={[
        column.accessor((row) => names.both(row), { id: "reader", header: t("reader") }),
        column.accessor("positive", { header: t("positive"), meta: { numeric: true } }),
        column.accessor("negative", { header: t("negative"), meta: { numeric: true } }),
        column.accessor((row) => t(row.planned ? "planned" : "rule", { rule: row.rule }), {
          id: "rule",
          header: t("counted"),
        }),
        column.accessor("n", { header: t("n"), meta: { numeric: true } }),
        stat("sensitivity"),
        stat("specificity"),
      ]}
    />
  );
}
