"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import type { Unblindings } from "@/server/schemas/unblinding";

type Act = Unblindings["acts"][number];
const column = createColumnHelper<Act>();

/** Who was told what of whom before the lock. */
export function UnblindingTable({ acts }: { acts: readonly Act[] }) {
  const t = useTranslations("audit.unblinding");
  const { list } = useFormat();
  return (
    <DataTable<Act>
      name={t("title")}
      rows={acts}
      empty={<p className="text-soft">{t("none")}</p>}
      columns={[
        column.accessor((act) => act.at.getTime(), {
          id: "at",
          header: t("at"),
          cell: ({ row: { original } }) => <When at={original.at} zone />,
          meta: { csv: ({ at }) => at.toISOString() },
        }),
        column.accessor((act) => t(`kinds.${act.kind}`), { id: "kind", header: t("kind") }),
        column.accessor((act) => act.subject ?? t("everyPatient"), { id: "patient", header: t("patient") }),
        column.accessor("to", { header: t("to") }),
        column.accessor((act) => list(act.told.map((fact) => t(`facts.${fact}`))), { id: "told", header: t("told") }),
        column.accessor("reason", { header: t("reason") }),
        column.accessor("by", { header: t("by") }),
        column.accessor((act) => act.recordedAt.getTime(), {
          id: "recordedAt",
          header: t("recordedAt"),
          cell: ({ row: { original } }) => <When at={original.recordedAt} zone />,
          meta: { csv: ({ recordedAt }) => recordedAt.toISOString() },
        }),
      ]}
    />
  );
}
