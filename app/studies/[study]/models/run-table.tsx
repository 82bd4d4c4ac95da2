"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { DataTable } from "@/app/_components/data-table";
import { When } from "@/app/_components/values";
import type { Run } from "@/server/schemas/model";
import { RunState } from "./run-state";

const column = createColumnHelper<Run>();

export function RunTable({ study, runs, empty }: { study: string; runs: readonly Run[]; empty: ReactNode }) {
  const t = useTranslations("models");
  return (
    <DataTable<Run>
      name={t("title")}
      rows={runs}
      empty={empty}
      columns={[
        column.accessor("createdAt", {
          header: t("columns.started"),
          cell: ({ row }) => (
            <Link
              href={`/studies/${study}/models/${row.original.id}`}
              className="text-accent underline underline-offset-2"
            >
              <When at={row.original.createdAt} />
            </Link>
          ),
          meta: { csv: (run) => run.createdAt.toISOString() },
        }),
        column.accessor("state", {
          header: t("columns.state"),
          cell: ({ getValue }) => <RunState state={getValue()} />,
        }),
        column.accessor("images", { header: t("columns.images"), meta: { numeric: true } }),
        column.accessor("patients", { header: t("columns.patients"), meta: { numeric: true } }),
        column.accessor("folds", { header: t("columns.folds"), meta: { numeric: true } }),
        column.accessor("seed", { header: t("columns.seed"), meta: { numeric: true } }),
        column.accessor((run) => run.environment?.engine ?? "", { id: "engine", header: t("columns.engine") }),
        column.accessor((run) => (run.figures ? Math.round(run.figures.seconds) : null), {
          id: "time",
          header: t("columns.time"),
          cell: ({ getValue }) => {
            const value = getValue();
            return value === null ? "–" : t("seconds", { value });
          },
          meta: { numeric: true },
        }),
        column.accessor("createdBy", { header: t("columns.by") }),
      ]}
    />
  );
}
