"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { DataTable } from "@/app/_components/data-table";
import { useFormat } from "@/app/_i18n/format";
import type { NodeView } from "@/server/schemas/imaging";

type Row = { subject: string; node: NodeView | null };
const column = createColumnHelper<Row>();

/** One row a node, and one for each enrolled patient who has none yet; what lacks something comes first. */
export function NodeTable({
  study,
  planes,
  nodes,
  without,
  times,
  empty,
}: {
  study: string;
  planes: readonly { key: string; label: string }[];
  nodes: readonly NodeView[];
  without: readonly string[];
  /** By subject, how long its exams were worked on in the viewer. */
  times: readonly { subject: string; seconds: number }[];
  empty: ReactNode;
}) {
  const t = useTranslations("imaging");
  const { list } = useFormat();
  const missing = ({ node }: Row) =>
    node === null
      ? t("noNode")
      : node.excluded
        ? t("excluded")
        : list(
            planes.filter((plane) => !node.crops.some((crop) => crop.plane === plane.key)).map((plane) => plane.label),
          ) || "–";
  const rows: Row[] = [
    ...without.map((subject) => ({ subject, node: null })),
    ...nodes.map((node) => ({ subject: node.subject, node })),
  ];
  const minutesOf = new Map(times.map(({ subject, seconds }) => [subject, Math.round(seconds / 6) / 10]));
  const lacks = (row: Row) =>
    row.node === null || (!row.node.excluded && row.node.crops.length < planes.length) ? 0 : 1;
  return (
    <DataTable<Row>
      name={t("title")}
      rows={rows.sort((a, b) => lacks(a) - lacks(b) || a.subject.localeCompare(b.subject))}
      empty={empty}
      columns={[
        column.accessor("subject", {
          header: t("columns.subject"),
          cell: ({ getValue }) => (
            <Link
              href={`/studies/${study}/imaging/${encodeURIComponent(getValue())}`}
              className="text-accent underline underline-offset-2"
            >
              {getValue()}
            </Link>
          ),
        }),
        column.accessor((row) => row.node?.label ?? "–", { id: "node", header: t("columns.node") }),
        column.accessor(missing, { id: "missing", header: t("columns.missing") }),
        column.accessor((row) => row.node?.region ?? "–", { id: "region", header: t("columns.region") }),
        column.accessor((row) => row.node?.shortAxisMm?.toFixed(1) ?? "–", {
          id: "size",
          header: t("columns.size"),
          meta: { numeric: true },
        }),
        column.accessor((row) => (row.node ? `${row.node.crops.length} / ${planes.length}` : "–"), {
          id: "crops",
          header: t("columns.crops"),
          meta: { numeric: true },
        }),
        column.accessor(({ subject }) => minutesOf.get(subject) ?? null, {
          id: "time",
          header: t("columns.time"),
          meta: { numeric: true },
          cell: ({ row }) => minutesOf.get(row.original.subject)?.toFixed(1) ?? "–",
        }),
        column.accessor((row) => (row.node?.reported ? t("there") : t("notThere")), {
          id: "pathology",
          header: t("columns.pathology"),
        }),
      ]}
    />
  );
}
