"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { Badge, LeakBadge } from "@/app/_components/badge";
import { DataTable } from "@/app/_components/data-table";
import { statColumn } from "@/app/_components/stat-column";
import { type SizesShown, sizesOf } from "@/core/reading/sizes-shown";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Row = ComparisonOutput["rows"][number];
const column = createColumnHelper<Row>();

/**
 * @param props.sizes nodes of which readers were shown different sizes: their rows are marked
 * @param props.leaks whether the split of the network's run leaks
 */
export function AccuracyTable({
  comparison,
  sizes,
  leaks,
}: {
  comparison: ComparisonOutput;
  sizes: readonly SizesShown[];
  leaks: boolean;
}) {
  const t = useTranslations("analysis.table");
  const parts = useTranslations("parts.sizes");
  const names = useNames(comparison);
  const count = (key: "n" | "tp" | "fn" | "tn" | "fp") =>
    column.accessor(key, { header: t(key), meta: { numeric: true } });
  const stat = (key: "ppv" | "npv" | "sensitivity" | "specificity" | "accuracy" | "auc" | "singlePointAuc") =>
    statColumn<Row>({
      id: key,
      header: t(key),
      of: (row) => row[key],
      as: key === "auc" || key === "singlePointAuc" ? "number" : "percent",
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
              {sizesOf(sizes, row.original).length > 0 ? (
                <Badge tone="warning" shape="≠">
                  {parts("badge")}
                </Badge>
              ) : null}
            </span>
          ),
          meta: {
            csv: ({ reader, condition }) =>
              sizesOf(sizes, { reader, condition }).length > 0
                ? `${names.reader(reader)} (${parts("badge")})`
                : names.reader(reader),
          },
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
