"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { formatP } from "@/app/_components/format-p";
import { statColumn } from "@/app/_components/stat-column";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useSubgroupNames } from "./subgroup-names";

type Group = ComparisonOutput["subgroups"][number];
type Row = Omit<Group, "levels"> & Group["levels"][number];
const column = createColumnHelper<Row>();

/** The averages over readers in every subgroup, and whether the subgroups differ. */
export function SubgroupTable({ comparison, leaks }: { comparison: ComparisonOutput; leaks: boolean }) {
  const t = useTranslations("analysis");
  const names = useSubgroupNames(comparison);
  return (
    <DataTable<Row>
      name={t("subgroups.title")}
      leaks={({ first }) => leaks && first === null}
      rows={comparison.subgroups.flatMap(({ levels, ...group }) => levels.map((level) => ({ ...group, ...level })))}
      empty={null}
      columns={[
        column.accessor(names.what, { id: "what", header: t("averages.what") }),
        column.accessor((row) => t(`table.${row.measure}`), { id: "measure", header: t("comparisons.measure") }),
        column.accessor(({ factor }) => names.factor(factor), { id: "factor", header: t("subgroups.factor") }),
        column.accessor(({ factor, level }) => names.level(factor, level), {
          id: "level",
          header: t("subgroups.level"),
        }),
        column.accessor("n", { header: t("comparisons.n"), meta: { numeric: true } }),
        column.accessor("patients", { header: t("subgroups.patients"), meta: { numeric: true } }),
        statColumn<Row>({
          id: "difference",
          header: t("averages.fixed"),
          of: (row) => row.difference,
          as: ({ measure }) => (measure === "auc" ? "number" : "percent"),
        }),
        column.accessor((row) => formatP(row.interaction?.p ?? null), {
          id: "interaction",
          header: t("subgroups.interaction"),
          meta: { numeric: true, csv: (row) => row.interaction?.p ?? null },
        }),
      ]}
    />
  );
}
