"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { Stat } from "@/app/_components/stat";
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
        column.accessor((row) => row[row.keep].estimate, {
          id: "kept",
          header: t("matched.kept"),
          cell: ({ row }) => <Stat value={row.original[row.original.keep]} />,
          meta: { numeric: true },
        }),
        column.accessor((row) => row.network?.threshold.toFixed(3) ?? "–", {
          id: "threshold",
          header: t("matched.threshold"),
          meta: { numeric: true, csv: (row) => row.network?.threshold ?? null },
        }),
        column.accessor((row) => t(`table.${other(row.keep)}`), { id: "compared", header: t("matched.compared") }),
        column.accessor((row) => row[other(row.keep)].estimate, {
          id: "ofReader",
          header: t("matched.ofReader"),
          cell: ({ row }) => <Stat value={row.original[other(row.original.keep)]} />,
          meta: { numeric: true },
        }),
        column.accessor((row) => row.network?.[other(row.keep)].estimate ?? null, {
          id: "ofNetwork",
          header: t("matched.ofNetwork"),
          cell: ({ row }) =>
            row.original.network ? <Stat value={row.original.network[other(row.original.keep)]} /> : t("matched.none"),
          meta: { numeric: true },
        }),
      ]}
    />
  );
}
