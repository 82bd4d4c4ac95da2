"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { Hash } from "@/app/_components/values";
import type { RunFold } from "@/server/schemas/model";

const column = createColumnHelper<RunFold>();
const number = (value: number | null) => value?.toFixed(3) ?? "–";

/** The finished models of a run: how long each learned, what counted, and from which score it calls a crop positive. */
export function FoldTable({ folds, leaks }: { folds: readonly RunFold[]; leaks: boolean }) {
  const t = useTranslations("models.folds");
  const rows = [...folds].sort((a, b) => (a.fold < 0 ? 1 : b.fold < 0 ? -1 : a.fold - b.fold));
  const count = (key: "trainingImages" | "tuningImages" | "epochs" | "chosenEpoch", header: string) =>
    column.accessor(key, { header, meta: { numeric: true } });
  const decimal = (key: "threshold" | "tuningLoss" | "tuningAuc", header: string) =>
    column.accessor(key, {
      header,
      cell: ({ row }) => number(row.original[key]),
      meta: { numeric: true, csv: (fold) => fold[key] },
    });
  return (
    <>
      <p className="mb-2 max-w-prose text-soft text-sm">{t("note")}</p>
      <DataTable<RunFold>
        name={t("title")}
        leaks={() => leaks}
        rows={rows}
        filter={false}
        empty={<p className="text-soft">{t("empty")}</p>}
        columns={[
          column.accessor(
            (fold) =>
              fold.fold < 0 ? t("final", { tuned: fold.tuningImages > 0 ? "yes" : "no" }) : String(fold.fold + 1),
            {
              id: "fold",
              header: t("fold"),
            },
          ),
          count("trainingImages", t("training")),
          count("tuningImages", t("tuning")),
          count("epochs", t("epochs")),
          count("chosenEpoch", t("chosen")),
          decimal("threshold", t("threshold")),
          decimal("tuningLoss", t("tuningLoss")),
          decimal("tuningAuc", t("tuningAuc")),
          column.accessor("modelSha256", {
            header: t("model"),
            cell: ({ row }) => (row.original.modelSha256 ? <Hash value={row.original.modelSha256} /> : "–"),
          }),
        ]}
      />
    </>
  );
}
