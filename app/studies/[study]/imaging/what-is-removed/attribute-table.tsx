"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge, type Tone } from "@/app/_components/badge";
import { DataTable } from "@/app/_components/data-table";
import { useFormat } from "@/app/_i18n/format";
import { type PreviewAnswer, type PreviewedAttribute, previewActions } from "@/server/schemas/preview";

const column = createColumnHelper<PreviewedAttribute>();

const looks: Record<PreviewedAttribute["action"], [tone: Tone, shape: string]> = {
  removed: ["danger", "✕"],
  emptied: ["danger", "○"],
  replaced: ["warning", "⇄"],
  hashed: ["warning", "#"],
  shifted: ["warning", "→"],
  cleaned: ["warning", "✎"],
  added: ["info", "+"],
  kept: ["neutral", "="],
};

/** (0040,0275)[1] › (0040,0007): items counted from 1. */
const pathInWords = (path: string) =>
  path
    .split(".")
    .map((step) =>
      step.replace(
        /^(.{4})(.{4})(?:\[(\d+)\])?$/,
        (_, group: string, element: string, item?: string) =>
          `(${group},${element})${item === undefined ? "" : `[${Number(item) + 1}]`}`,
      ),
    )
    .join(" › ");

/** Every attribute of a file, before and after; how many of each kind stands above. */
export function AttributeTable({ rows }: { rows: PreviewAnswer }) {
  const t = useTranslations("imaging.removed");
  const { whole } = useFormat();
  const inWords = (value: string | number | null) =>
    typeof value === "number" ? t("bytes", { count: value }) : (value ?? "–");
  const cell = (value: ReactNode) => (
    <span className="block max-w-96 [overflow-wrap:anywhere] max-sm:min-w-0 max-sm:text-right sm:min-w-24">
      {value}
    </span>
  );
  const columns = [
    column.accessor(({ path }) => pathInWords(path), {
      ...{ id: "tag", header: t("columns.tag") },
      cell: ({ getValue }) => (
        <span className="numbers block font-mono text-xs [overflow-wrap:anywhere] max-sm:min-w-0 max-sm:text-right sm:min-w-24">
          {getValue()}
        </span>
      ),
    }),
    column.accessor(({ name }) => name || "–", {
      ...{ id: "name", header: t("columns.name") },
      cell: ({ getValue }) => <span className="min-w-0 [overflow-wrap:anywhere] max-sm:text-right">{getValue()}</span>,
    }),
    column.accessor("vr", { header: t("columns.vr") }),
    column.accessor(({ before }) => inWords(before), {
      ...{ id: "before", header: t("columns.before") },
      cell: ({ getValue }) => cell(getValue()),
    }),
    column.accessor(({ action }) => t(`action.${action}`), {
      ...{ id: "action", header: t("columns.action") },
      cell: ({ getValue, row }) => {
        const [tone, shape] = looks[row.original.action];
        return (
          <Badge tone={tone} shape={shape}>
            {getValue()}
          </Badge>
        );
      },
    }),
    column.accessor(({ by }) => t(`by.${by}`), {
      ...{ id: "by", header: t("columns.by") },
      cell: ({ getValue }) => <span className="min-w-0 max-sm:text-right">{getValue()}</span>,
    }),
    column.accessor(({ after }) => inWords(after), {
      ...{ id: "after", header: t("columns.after") },
      cell: ({ getValue }) => cell(getValue()),
    }),
  ];
  return (
    <>
      <ul className="numbers flex flex-wrap gap-x-4 gap-y-1" aria-label={t("counts")}>
        {previewActions.map((action) => (
          <li key={action}>
            {t("count", {
              action: t(`action.${action}`),
              count: whole(rows.filter((row) => row.action === action).length),
            })}
          </li>
        ))}
      </ul>
      <DataTable name={t("table")} columns={columns} rows={rows} empty={null} filter />
    </>
  );
}
