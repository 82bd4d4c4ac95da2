"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { EmptyState } from "@/app/_components/empty-state";
import { statColumn } from "@/app/_components/stat-column";
import { useFormat } from "@/app/_i18n/format";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";

type Row = ComparisonOutput["agreement"][number];
const column = createColumnHelper<Row>();

export function AgreementTable({ comparison }: { comparison: ComparisonOutput }) {
  const t = useTranslations("analysis.agreement");
  const names = useNames(comparison);
  const isRated = comparison.agreement.some((row) => row.weightedLinear.estimate !== null);
  const index = (id: "prevalenceIndex" | "biasIndex") =>
    column.accessor((row) => row[id]?.toFixed(3) ?? "–", { id, header: t(id), meta: { numeric: true } });
  return (
    <DataTable<Row>
      name={t("title")}
      rows={comparison.agreement}
      filter={false}
      empty={<EmptyState title={t("empty")} />}
      columns={[
        column.accessor(
          ({ kind, readers: [first, second] }) =>
            kind === "readers"
              ? `${first} – ${second}`
              : t(kind === "repeats" ? "again" : "herself", { reader: first }),
          { id: "readers", header: t("readers") },
        ),
        column.accessor((row) => names.condition(row.condition), { id: "condition", header: t("condition") }),
        column.accessor("n", { header: t("n"), meta: { numeric: true } }),
        column.accessor((row) => row.table.flat().join(", "), {
          id: "table",
          header: t("table"),
          meta: { numeric: true },
        }),
        column.accessor(
          (row) => (row.observed === null ? "–" : t("percent", { value: (100 * row.observed).toFixed(1) })),
          {
            id: "observed",
            header: t("observed"),
            meta: { numeric: true },
          },
        ),
        statColumn<Row>({ id: "kappa", header: t("kappa"), of: (row) => row.kappa, as: "number" }),
        statColumn<Row>({ id: "ac1", header: t("ac1"), of: (row) => row.ac1, as: "number" }),
        index("prevalenceIndex"),
        index("biasIndex"),
        ...(isRated
          ? (["weightedLinear", "weightedQuadratic"] as const).map((id) =>
              statColumn<Row>({ id, header: t(id), of: (row) => row[id], as: "number" }),
            )
          : []),
      ]}
    />
  );
}

type Joint = ComparisonOutput["jointAgreement"][number];
const jointColumn = createColumnHelper<Joint>();

/** All readers of a condition together. */
export function JointAgreementTable({ comparison }: { comparison: ComparisonOutput }) {
  const t = useTranslations("analysis.agreement");
  const names = useNames(comparison);
  const { list } = useFormat();
  return (
    <DataTable<Joint>
      name={t("joint")}
      rows={comparison.jointAgreement}
      filter={false}
      empty={null}
      columns={[
        jointColumn.accessor((row) => list(row.readers), { id: "readers", header: t("readers") }),
        jointColumn.accessor((row) => names.condition(row.condition), { id: "condition", header: t("condition") }),
        jointColumn.accessor("n", { header: t("n"), meta: { numeric: true } }),
        statColumn<Joint>({ id: "fleiss", header: t("fleiss"), of: (row) => row.kappa, as: "number" }),
      ]}
    />
  );
}
