"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { DataTable } from "@/app/_components/data-table";
import { ResultBadge } from "@/app/_components/result-badge";
import type { PathologyNode } from "@/server/schemas/pathology";

const column = createColumnHelper<PathologyNode>();

export function Worklist({
  study,
  nodes,
  empty,
}: {
  study: string;
  nodes: readonly PathologyNode[];
  empty: ReactNode;
}) {
  const t = useTranslations("pathology");
  return (
    <DataTable<PathologyNode>
      name={t("title")}
      rows={nodes}
      empty={empty}
      columns={[
        column.accessor("subject", { header: t("columns.subject") }),
        column.accessor("label", {
          header: t("columns.node"),
          cell: ({ row }) => (
            <Link
              href={`/studies/${study}/pathology/${row.original.id}`}
              className="text-accent underline underline-offset-2"
            >
              {row.original.label}
            </Link>
          ),
        }),
        column.accessor((row) => t(`result.${row.reports[0]?.result ?? "none"}`), {
          id: "state",
          header: t("columns.state"),
          cell: ({ row }) => <ResultBadge result={row.original.reports[0]?.result ?? null} />,
        }),
        column.accessor((row) => row.reports[0]?.specimen ?? "–", { id: "specimen", header: t("columns.specimen") }),
        column.accessor((row) => row.region ?? "–", { id: "region", header: t("columns.region") }),
        column.accessor((row) => row.shortAxisMm?.toFixed(1) ?? "–", {
          id: "size",
          header: t("columns.size"),
          meta: { numeric: true },
        }),
      ]}
    />
  );
}
