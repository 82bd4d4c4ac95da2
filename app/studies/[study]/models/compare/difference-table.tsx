"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { LeakBadge } from "@/app/_components/badge";
import { DataTable } from "@/app/_components/data-table";
import { formatP } from "@/app/_components/format-p";
import { statColumn } from "@/app/_components/stat-column";
import { splitLeaks } from "@/core/protocol/regimen";
import type { RunComparison } from "@/server/schemas/model";
import { useRunName } from "../run-name";

type Difference = RunComparison["differences"][number];
const column = createColumnHelper<Difference>();

/** Every difference of AUC between two runs, with its interval and P, or the reason why there is none. */
export function DifferenceTable({ comparison }: { comparison: RunComparison }) {
  const t = useTranslations("models.compare");
  const nameOf = useRunName();
  const runOf = (id: string) => comparison.rows.find(({ run }) => run.id === id)?.run;
  const leaks = (id: string) => {
    const run = runOf(id);
    return run !== undefined && splitLeaks(run.config);
  };
  const party = (key: "first" | "second") =>
    column.accessor(
      (row) => {
        const run = runOf(row[key]);
        return run ? nameOf(run.config) : "–";
      },
      {
        id: key,
        header: t(key),
        cell: ({ row, getValue }) => (
          <span className="inline-flex flex-wrap items-center gap-1.5">
            {getValue()} {leaks(row.original[key]) ? <LeakBadge /> : null}
          </span>
        ),
      },
    );
  return (
    <DataTable<Difference>
      name={t("differences")}
      leaks={({ first, second }) => [first, second].some(leaks)}
      rows={comparison.differences}
      empty={null}
      filter={false}
      columns={[
        party("first"),
        party("second"),
        column.accessor("n", { header: t("both"), meta: { numeric: true } }),
        statColumn<Difference>({
          id: "difference",
          header: t("difference"),
          of: ({ difference }) => difference,
          as: "number",
        }),
        column.accessor("p", {
          header: t("p"),
          cell: ({ row }) => formatP(row.original.p),
          meta: { numeric: true, csv: ({ p }) => p },
        }),
      ]}
    />
  );
}
