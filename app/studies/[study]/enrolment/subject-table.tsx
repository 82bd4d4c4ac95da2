"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { DataTable } from "@/app/_components/data-table";
import { When } from "@/app/_components/values";
import type { SubjectSummary } from "@/server/schemas/enrolment";
import { SubjectState } from "./subject-state";

const column = createColumnHelper<SubjectSummary>();

export function SubjectTable({
  study,
  subjects,
  empty,
}: {
  study: string;
  subjects: readonly SubjectSummary[];
  empty: ReactNode;
}) {
  const t = useTranslations("enrolment");
  const missing = ({ status, nodes }: SubjectSummary) => {
    if (status === "screening") return t("missing.decision");
    if (status === "eligible") return t("missing.enrolment");
    return status === "enrolled" && nodes === 0 ? t("missing.nodes") : t("missing.nothing");
  };
  return (
    <DataTable<SubjectSummary>
      name={t("title")}
      rows={subjects}
      empty={empty}
      columns={[
        column.accessor("number", {
          header: t("columns.number"),
          cell: ({ getValue }) => (
            <Link
              href={`/studies/${study}/enrolment/${encodeURIComponent(getValue())}`}
              className="text-accent underline underline-offset-2"
            >
              {getValue()}
            </Link>
          ),
        }),
        column.accessor("status", {
          header: t("columns.status"),
          cell: ({ getValue }) => <SubjectState status={getValue()} />,
        }),
        column.accessor(missing, { id: "missing", header: t("columns.missing") }),
        column.accessor((row) => row.screenedAt.getTime(), {
          id: "screened",
          header: t("columns.screened"),
          cell: ({ row }) => <When at={row.original.screenedAt} date />,
          meta: { csv: (row) => row.screenedAt.toISOString() },
        }),
        column.accessor((row) => (row.sex === "male" || row.sex === "female" ? t(`sex.${row.sex}`) : "–"), {
          id: "sex",
          header: t("columns.sex"),
        }),
        column.accessor((row) => row.ageYears ?? "–", { id: "age", header: t("columns.age"), meta: { numeric: true } }),
        column.accessor((row) => row.tStage ?? "–", { id: "tStage", header: t("columns.tStage") }),
        column.accessor("nodes", { header: t("columns.nodes"), meta: { numeric: true } }),
      ]}
    />
  );
}
