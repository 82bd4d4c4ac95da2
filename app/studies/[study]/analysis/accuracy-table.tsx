"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { LeakBadge } from "@/app/_components/badge";
import { DataTable } from "@/app/_components/data-table";
import { Stat } from "@/app/_components/stat";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Row = ComparisonOutput["rows"][number];
const column = createColumnHelper<Row>();

/** @param props.leaks whether the split of the network's run leaks */
export function AccuracyTable({ comparison, leaks }: { comparison: ComparisonOutput; leaks: boolean }) {
  const t = useTranslations("analysis.table");
  const names = useNames(comparison);
  const count = (key: "n" | "tp" | "fn" | "tn" | "fp") =>
    column.accessor(key, { header: t(key), meta: { numeric: true } });
  const stat = (key: "ppv" | "npv" | "sensitivity" | "specificity" | "accuracy" | "auc" | "singlePointAuc") =>
    column.accessor((row) => row[key].estimate, {
      id: key,
      header: t(key),
      cell: ({ row }) => (
        <Stat value={row.original[key]} as={key === "auc" || key === "singlePointAuc" ? "number" : "percent"} />
      ),
      meta: { numeric: true, csv: (row) => row[key].estimate },
    });
  return (
    <DataTable<Row>
      name={t("title")}
      leaks={({ reader }) => leaks && reader === "network"}
      rows={comparison.rows}
      empty={null}
      filter={false}
      columns={[
        column.accessor((row) => names.reader(row.reader), {
          id: "reader",
          header: t("reader"),
          cell: ({ row, getValue }) => (
            <span className="inline-flex flex-wrap items-center gap-1.5">
              <span className="font-medium">{getValue()}</span>
              {leaks && row.original.reader === "network" ? <LeakBadge /> : null}
            </span>
          ),
        }),
        column.accessor((row) => names.condition(row.condition), { id: "condition", header: t("condition") }),
        count("n"),
        count("tp"),
        count("fn"),
        count("tn"),
        count("fp"),
        stat("ppv"),
        stat("npv"),
        stat("sensitivity"),
        stat("specificity"),
        stat("accuracy"),
        stat("auc"),
        stat("singlePointAuc"),
      ]}
    />
  );
}
