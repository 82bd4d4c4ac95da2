"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import type { ScoredCrop } from "@/server/schemas/model";
import { Truth } from "./truth";

const column = createColumnHelper<ScoredCrop>();
const errorOf = ({ truth, score }: ScoredCrop) => (truth === null ? null : Math.abs(truth - score));

/** Every crop with its score, the largest error first; one is chosen by its link. */
export function CropList({
  study,
  runId,
  crops,
  chosen,
  leaks,
}: {
  study: string;
  runId: string;
  crops: readonly ScoredCrop[];
  chosen: string | null;
  /** Whether the split of the run leaks. */
  leaks: boolean;
}) {
  const t = useTranslations("models.explain");
  return (
    <DataTable<ScoredCrop>
      name={t("list")}
      leaks={() => leaks}
      rows={crops}
      empty={null}
      columns={[
        column.accessor(({ subject, node, plane }) => t("choose", { subject, node, plane }), {
          id: "crop",
          header: t("crop"),
          cell: ({ row, getValue }) => (
            <Link
              href={`/studies/${study}/models/${runId}/explain?crop=${row.original.cropId}`}
              scroll={false}
              aria-current={row.original.cropId === chosen ? "true" : undefined}
              className="text-accent underline underline-offset-2 aria-[current]:font-semibold aria-[current]:text-text"
            >
              {getValue()}
            </Link>
          ),
        }),
        column.accessor("truth", { header: t("truth"), cell: ({ row }) => <Truth truth={row.original.truth} /> }),
        column.accessor("score", {
          header: t("score"),
          cell: ({ row }) => row.original.score.toFixed(3),
          meta: { numeric: true, csv: (crop) => crop.score },
        }),
        column.accessor(errorOf, {
          id: "error",
          header: t("error"),
          cell: ({ row }) => errorOf(row.original)?.toFixed(3) ?? "–",
          meta: { numeric: true, csv: errorOf },
        }),
      ]}
    />
  );
}
