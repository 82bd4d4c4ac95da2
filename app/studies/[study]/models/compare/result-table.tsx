"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { LeakBadge } from "@/app/_components/badge";
import { DataTable } from "@/app/_components/data-table";
import { statColumn } from "@/app/_components/stat-column";
import { Hash } from "@/app/_components/values";
import { splitLeaks } from "@/core/protocol/regimen";
import type { RunComparison } from "@/server/schemas/model";
import { useRunName } from "../run-name";
import { RunState } from "../run-state";

type Row = RunComparison["rows"][number];
const column = createColumnHelper<Row>();

/** The runs beside each other, each figure with its interval. */
export function ResultTable({ study, rows }: { study: string; rows: readonly Row[] }) {
  const t = useTranslations("models.compare");
  const splits = useTranslations("models.splits");
  const nameOf = useRunName();
  const stat = (key: "auc" | "sensitivity" | "specificity" | "accuracy") =>
    statColumn<Row>({
      id: key,
      header: t(key),
      of: ({ result }) => result?.[key] ?? null,
      as: key === "auc" ? "number" : "percent",
    });
  return (
    <DataTable<Row>
      name={t("results")}
      leaks={({ run }) => splitLeaks(run.config)}
      rows={rows}
      empty={null}
      filter={false}
      columns={[
        column.accessor(({ run }) => nameOf(run.config), {
          id: "run",
          header: t("run"),
          cell: ({ row: { original }, getValue }) => (
            <Link
              href={`/studies/${study}/models/${original.run.id}`}
              className="text-accent underline underline-offset-2"
            >
              {getValue()}
            </Link>
          ),
        }),
        column.accessor(({ run }) => run.state, {
          id: "state",
          header: t("state"),
          cell: ({ row }) => <RunState state={row.original.run.state} />,
        }),
        column.accessor(
          ({ run: { config } }) => splits(config.trainable === "elsewhere" ? "elsewhere" : config.splitUnit),
          {
            id: "split",
            header: t("split"),
            cell: ({ row, getValue }) => (
              <span className="inline-flex flex-wrap items-center gap-1.5">
                {getValue()} {splitLeaks(row.original.run.config) ? <LeakBadge /> : null}
              </span>
            ),
          },
        ),
        column.accessor(({ result }) => result?.n ?? null, {
          id: "n",
          header: t("n"),
          cell: ({ getValue }) => getValue() ?? "–",
          meta: { numeric: true },
        }),
        stat("auc"),
        stat("sensitivity"),
        stat("specificity"),
        stat("accuracy"),
        column.accessor(({ run }) => run.snapshotSha256, {
          id: "snapshot",
          header: t("snapshot"),
          cell: ({ getValue }) => <Hash value={getValue()} />,
        }),
      ]}
    />
  );
}
