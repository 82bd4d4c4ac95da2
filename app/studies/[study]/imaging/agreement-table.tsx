"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { statColumn } from "@/app/_components/stat-column";
import type { SizeAgreement } from "@/server/schemas/series";

const column = createColumnHelper<SizeAgreement>();

/** How far sizes lie apart that were measured twice: the mean difference and the limits of agreement, mm. */
export function AgreementTable({ agreement }: { agreement: readonly SizeAgreement[] }) {
  const t = useTranslations("imaging.agreement");
  return (
    <DataTable<SizeAgreement>
      name={t("title")}
      rows={agreement}
      empty={null}
      columns={[
        column.accessor(
          ({ first, second }) => (first === second ? t("repeats", { first }) : t("observers", { first, second })),
          {
            id: "measurers",
            header: t("between"),
          },
        ),
        column.accessor("nodes", { header: t("nodes"), meta: { numeric: true } }),
        column.accessor("subjects", { header: t("subjects"), meta: { numeric: true } }),
        ...(["bias", "lowerLimit", "upperLimit"] as const).map((id) =>
          statColumn<SizeAgreement>({
            ...{ id, header: t(id), as: "number" },
            of: (row) => ({ ...row[id], caution: row.cautions[0] }),
          }),
        ),
      ]}
    />
  );
}
