"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { EmptyState } from "@/app/_components/empty-state";
import { statColumn } from "@/app/_components/stat-column";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Row = ComparisonOutput["agreement"][number];
const column = createColumnHelper<Row>();

export function AgreementTable({ comparison }: { comparison: ComparisonOutput }) {
  const t = useTranslations("analysis.agreement");
  const names = useNames(comparison);
  return (
    <DataTable<Row>
      name={t("title")}
      rows={comparison.agreement}
      filter={false}
      empty={<EmptyState title={t("empty")} />}
      columns={[
        column.accessor(
          ({ readers: [first, second] }) =>
            first === second ? t("herself", { reader: first }) : `${first} – ${second}`,
          { id: "readers", header: t("readers") },
        ),
        column.accessor((row) => names.condition(row.condition), { id: "condition", header: t("condition") }),
        column.accessor("n", { header: t("n"), meta: { numeric: true } }),
        column.accessor((row) => row.table.flat().join(", "), {
          id: "table",
          header: t("table"),
          meta: { numeric: true },
        }),
        column.accessor(
          (row) => (row.observed === null ? "–" : t("percent", { value: (100 * row.observed).toFixed(1) })),
          {
            id: "observed",
            header: t("observed"),
            meta: { numeric: true },
          },
        ),
        statColumn<Row>({ id: "kappa", header: t("kappa"), of: (row) => row.kappa, as: "number" }),
      ]}
    />
  );
}
