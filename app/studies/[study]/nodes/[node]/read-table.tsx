"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import type { PassportRead } from "@/server/schemas/passport";

const column = createColumnHelper<PassportRead>();

/** Every read of the node's images as it was given. */
export function ReadTable({
  reads,
  planes,
}: {
  reads: readonly PassportRead[];
  planes: readonly { key: string; label: string }[];
}) {
  const t = useTranslations("passport.read");
  const { list } = useFormat();
  const labelOf = (plane: string) => planes.find(({ key }) => key === plane)?.label ?? plane;
  const isRated = reads.some(({ rating }) => rating !== null);
  const isRepeated = reads.some(({ occasion }) => occasion > 1);
  return (
    <DataTable
      name={t("name")}
      rows={reads}
      empty={null}
      columns={[
        column.accessor("reader", { header: t("reader") }),
        column.accessor(
          (row) => (isRepeated ? t("time", { condition: row.condition, occasion: row.occasion }) : row.condition),
          {
            id: "condition",
            header: t("condition"),
          },
        ),
        column.accessor((row) => list(row.planes.map(labelOf)), { id: "plane", header: t("plane") }),
        column.accessor((row) => (row.call ? t(row.call) : t("notEvaluable", { reason: row.notEvaluable ?? "–" })), {
          id: "call",
          header: t("call"),
        }),
        column.accessor((row) => row.confidence ?? "–", {
          id: "confidence",
          header: t("confidence"),
          meta: { numeric: true },
        }),
        ...(isRated
          ? [
              column.accessor((row) => row.rating ?? "–", {
                id: "rating",
                header: t("rating"),
                meta: { numeric: true },
              }),
            ]
          : []),
        column.accessor((row) => list(row.signs) || "–", { id: "signs", header: t("signs") }),
        column.accessor((row) => t(`source.${row.source}`), { id: "source", header: t("from") }),
        column.accessor((row) => row.at.toISOString(), {
          id: "at",
          header: t("when"),
          cell: ({ row }) => <When at={row.original.at} zone />,
        }),
        column.accessor(
          (row) => [t(row.counts ? "counts" : "corrected"), row.correctionReason ?? ""].filter(Boolean).join(": "),
          {
            id: "state",
            header: t("state"),
          },
        ),
      ]}
    />
  );
}
