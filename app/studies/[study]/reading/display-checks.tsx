"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import type { z } from "zod";
import { DataTable } from "@/app/_components/data-table";
import { EmptyState } from "@/app/_components/empty-state";
import { When } from "@/app/_components/values";
import { timesEach } from "@/core/reading/display-check";
import { type displayChecks, mostDisplayChecks } from "@/server/schemas/reading";

type Row = z.infer<typeof displayChecks>[number];
const column = createColumnHelper<Row>();

/** For whoever follows the readers: on which screens cases were opened. */
export function DisplayChecks({ checks }: { checks: readonly Row[] }) {
  const t = useTranslations("reading.displayChecks");
  const found = (count: number) => t("of", { found: count, of: timesEach });
  return (
    <section className="mt-8">
      <h2 className="mb-3">{t("title")}</h2>
      <DataTable<Row>
        name={t("title")}
        rows={checks}
        empty={<EmptyState title={t("none")}>{t("noneHint")}</EmptyState>}
        columns={[
          column.accessor("readerCode", { header: t("columns.reader") }),
          column.accessor((row) => row.checkedAt.getTime(), {
            id: "at",
            header: t("columns.at"),
            cell: ({ row }) => <When at={row.original.checkedAt} />,
            meta: { csv: (row) => row.checkedAt.toISOString() },
          }),
          column.accessor((row) => t(row.passed ? "passed" : "failed"), {
            id: "outcome",
            header: t("columns.outcome"),
          }),
          column.accessor("dark", { header: t("columns.dark"), cell: ({ getValue }) => found(getValue()) }),
          column.accessor("bright", { header: t("columns.bright"), cell: ({ getValue }) => found(getValue()) }),
          column.accessor((row) => `${row.width} × ${row.height}`, { id: "page", header: t("columns.page") }),
          column.accessor((row) => row.pixelRatio / 100, {
            id: "ratio",
            header: t("columns.ratio"),
            meta: { numeric: true },
          }),
        ]}
      />
      {checks.length < mostDisplayChecks ? null : (
        <p className="mt-3 text-soft text-sm">{t("newest", { most: mostDisplayChecks })}</p>
      )}
    </section>
  );
}
