"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { formatP } from "@/app/_components/format-p";
import { statColumn } from "@/app/_components/stat-column";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Network = NonNullable<ComparisonOutput["network"]>;
type Row = Network["matched"][number];
const column = createColumnHelper<Row>();

/** The network set to each reader's specificity, and to each reader's sensitivity. */
export function MatchedTable({
  comparison,
  network,
  leaks,
}: {
  comparison: ComparisonOutput;
  network: Network;
  leaks: boolean;
}) {
  const t = useTranslations("analysis");
  const names = useNames(comparison);
  const other = (keep: Row["keep"]) => (keep === "specificity" ? "sensitivity" : "specificity");
  return (
    <DataTable<Row>
      name={t("matched.title")}
      leaks={() => leaks}
      rows={network.matched}
      filter={false}
      empty={null}
      columns={[
        column.accessor((row) => names.both(row), { id: "reader", header: t("table.reader") }),
        column.accessor((row) => t(`table.${row.keep}`), { id: "keep", header: t("matched.keep") }),
        statColumn<Row>({ id: "kept", header: t("matched.kept"), of: (row) => row[row.keep], as: "percent" }),
        column.accessor((row) => row.network?.threshold.toFixed(3) ?? "–", {
          id: "threshold",
          header: t("matched.threshold"),
          meta: { numeric: true, csv: (row) => row.network?.threshold ?? null },
        }),
        column.accessor((row) => t(`table.${other(row.keep)}`), { id: "compared", header: t("matched.compared") }),
        statColumn<Row>({
          id: "ofReader",
          header: t("matched.ofReader"),
          of: (row) => row[other(row.keep)],
          as: "percent",
        }),
        statColumn<Row>({
          id: "ofNetwork",
          header: t("matched.ofNetwork"),
          of: (row) => row.network?.compared ?? null,
          as: "percent",
          none: t("matched.none"),
        }),
        statColumn<Row>({
          id: "difference",
          header: t("matched.difference"),
          of: (row) => row.network?.difference ?? null,
          as: "percent",
        }),
        column.accessor((row) => formatP(row.network?.p ?? null), {
          id: "p",
          header: t("comparisons.p"),
          meta: { numeric: true, csv: (row) => row.network?.p ?? null },
        }),
      ]}
    />
  );
}
