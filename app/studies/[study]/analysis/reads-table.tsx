"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import type { ComparisonOutput } from "@/server/schemas/analysis";
import { useNames } from "./names";
import { countedOf } from "./parties";

type Row = ComparisonOutput["reads"][number];
const column = createColumnHelper<Row>();

/** What each reader has read in each condition, of the images with and without disease; of nodes and patients also what could be judged in part alone. */
export function ReadsTable({ comparison }: { comparison: ComparisonOutput }) {
  const t = useTranslations("analysis.reads");
  const names = useNames(comparison);
  const { unit } = countedOf(comparison);
  const count = (id: "images" | "read" | "missing" | "notEvaluable" | "partly" | "rated", of: (row: Row) => number) =>
    column.accessor(of, { id, header: t(id, { unit }), meta: { numeric: true } });
  return (
    <DataTable<Row>
      name={t("title")}
      rows={comparison.reads}
      filter={false}
      empty={null}
      columns={[
        column.accessor((row) => names.both(row), { id: "reader", header: t("reader") }),
        column.accessor((row) => t(row.truth === 1 ? "positive" : "negative"), { id: "truth", header: t("truth") }),
        count("images", (row) => row.images),
        count("read", (row) => row.read),
        count("missing", (row) => row.images - row.read),
        count("notEvaluable", (row) => row.notEvaluable),
        ...(comparison.reads.some(({ partly }) => partly > 0) ? [count("partly", (row) => row.partly)] : []),
        count("rated", (row) => row.rated),
      ]}
    />
  );
}
