"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { statColumn } from "@/app/_components/stat-column";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Level = ComparisonOutput["otherClusterings"][number]["level"];
type Row = ComparisonOutput["rows"][number] & { level: Level };
const column = createColumnHelper<Row>();

/** The same estimates with intervals clustered by patient, by node, and not at all. */
export function ClusteringTable({ comparison, leaks }: { comparison: ComparisonOutput; leaks: boolean }) {
  const t = useTranslations("analysis");
  const names = useNames(comparison);
  const levels = [{ level: "patient" as const, rows: comparison.rows }, ...comparison.otherClusterings];
  const rows = comparison.rows.flatMap((_, i) =>
    levels.flatMap(({ level, rows: own }): Row[] => {
      const row = own[i];
      return row ? [{ ...row, level }] : [];
    }),
  );
  const stat = (key: "sensitivity" | "specificity" | "auc" | "singlePointAuc") =>
    statColumn<Row>({
      id: key,
      header: t(`table.${key}`),
      of: (row) => row[key],
      as: key === "auc" || key === "singlePointAuc" ? "number" : "percent",
    });
  const effect = (key: "sensitivity" | "specificity" | "auc") =>
    column.accessor((row) => row.designEffect[key], {
      id: `${key}Effect`,
      header: t("clustering.effect", { measure: t(`table.${key}`) }),
      cell: ({ getValue }) => getValue()?.toFixed(2) ?? "–",
      meta: { numeric: true },
    });
  return (
    <DataTable<Row>
      name={t("clustering.title")}
      leaks={({ reader }) => leaks && reader === "network"}
      rows={rows}
      filter={false}
      empty={null}
      columns={[
        column.accessor((row) => names.both(row), { id: "reader", header: t("table.reader") }),
        column.accessor((row) => t(`clustering.${row.level}`, { unit: row.unit }), {
          id: "level",
          header: t("clustering.level"),
        }),
        stat("sensitivity"),
        effect("sensitivity"),
        stat("specificity"),
        effect("specificity"),
        stat("auc"),
        effect("auc"),
        stat("singlePointAuc"),
      ]}
    />
  );
}
