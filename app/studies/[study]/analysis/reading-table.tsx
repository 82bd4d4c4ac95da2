"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { statColumn } from "@/app/_components/stat-column";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Row = ComparisonOutput["readings"][number]["rows"][number] & { calls: string };
const column = createColumnHelper<Row>();

/** Each reader under the planned calls, under those of other rule sets, and under the calls as they were given, side by side. */
export function ReadingTable({ comparison }: { comparison: ComparisonOutput }) {
  const t = useTranslations("analysis");
  const names = useNames(comparison);
  const { ruleSets, plan } = comparison.about;
  const callsOf = (key: string | null) =>
    key === null ? t("readings.given") : (ruleSets.find((each) => each.key === key)?.title ?? key);
  const all = [
    { name: t("readings.planned", { calls: callsOf(plan.ruleSet) }), rows: comparison.rows },
    ...comparison.readings.map(({ calls, changed, rows }) => ({
      name: t("readings.other", { calls: callsOf(calls), changed }),
      rows,
    })),
  ];
  const readers = comparison.rows.filter(({ condition }) => condition !== null);
  const rows = readers.flatMap(({ reader, condition }) =>
    all.flatMap(({ name, rows }): Row[] => {
      const row = rows.find((each) => each.reader === reader && each.condition === condition);
      return row ? [{ ...row, calls: name }] : [];
    }),
  );
  const stat = (key: "sensitivity" | "specificity" | "accuracy" | "singlePointAuc") =>
    statColumn<Row>({
      id: key,
      header: t(`table.${key}`),
      of: (row) => row[key],
      as: key === "singlePointAuc" ? "number" : "percent",
    });
  return (
    <DataTable<Row>
      name={t("readings.title")}
      rows={rows}
      filter={false}
      empty={null}
      columns={[
        column.accessor((row) => names.both(row), { id: "reader", header: t("table.reader") }),
        column.accessor("calls", { header: t("readings.calls") }),
        stat("sensitivity"),
        stat("specificity"),
        stat("accuracy"),
        stat("singlePointAuc"),
      ]}
    />
  );
}
