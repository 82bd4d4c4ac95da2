"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_components/button";
import { DataTable } from "@/app/_components/data-table";
import { statColumn } from "@/app/_components/stat-column";
import { useSay } from "@/app/_lib/use-say";
import { splitLeaks } from "@/core/protocol/regimen";
import type { Run, SweepResult } from "@/server/schemas/model";
import { useDuration } from "../../duration";
import { frozenIn } from "../../frozen-in";
import { useRunName } from "../../run-name";
import { RunState } from "../../run-state";
import { useDepthName } from "./depth-name";

type Depth = SweepResult["depths"][number];
const column = createColumnHelper<Depth>();

/** The depths of a sweep, each with its state or its figures. */
export function DepthTable({
  study,
  depths,
  resuming,
  onResume,
}: {
  study: string;
  depths: readonly Depth[];
  resuming: readonly string[];
  /** Null: this person may not train. */
  onResume: ((runId: string) => void) | null;
}) {
  const t = useTranslations("models.sweep");
  const say = useSay();
  const depthName = useDepthName();
  const nameOf = useRunName();
  const duration = useDuration();
  const named = ({ run: { config } }: Depth) =>
    config.trainable === "network" ? depthName(config.frozen, config.frozenUnit) : nameOf(config);
  const stat = (key: "auc" | "sensitivity" | "specificity") =>
    statColumn<Depth>({
      id: key,
      header: t(key),
      of: ({ result }) => result?.[key] ?? null,
      as: key === "auc" ? "number" : "percent",
    });
  const progressOf = (run: Run) => {
    if (run.state !== "running" || run.total === 0) return null;
    const percent = ((100 * run.done) / run.total).toFixed(0);
    const left = run.figures?.secondsLeft;
    return left ? t("left", { percent, time: duration(left) }) : t("progress", { percent });
  };
  return (
    <DataTable<Depth>
      name={t("table")}
      leaks={({ run }) => splitLeaks(run.config)}
      rows={depths}
      empty={null}
      filter={false}
      columns={[
        column.accessor(({ run: { config } }) => (config.trainable === "network" ? config.frozen : 0), {
          id: "depth",
          header: t("depth"),
          cell: ({ row: { original } }) => (
            <Link
              href={`/studies/${study}/models/${original.run.id}`}
              className="whitespace-nowrap text-accent underline underline-offset-2"
            >
              {named(original)}
            </Link>
          ),
        }),
        column.accessor(({ run }) => frozenIn(run.config), {
          id: "convolutions",
          header: t("convolutions"),
          meta: { numeric: true },
        }),
        column.accessor(({ run }) => run.state, {
          id: "state",
          header: t("state"),
          cell: ({ row: { original } }) => {
            const { run } = original;
            const broken = run.state === "failed" || run.state === "cancelled";
            return (
              <span className="inline-flex flex-wrap items-center gap-2 max-sm:justify-end">
                <RunState state={run.state} />
                <span className="numbers text-soft">{progressOf(run)}</span>
                {run.error ? <span className="max-w-64 text-danger">{say(run.error)}</span> : null}
                {broken && onResume ? (
                  <Button
                    disabled={resuming.includes(run.id)}
                    aria-label={t("resumeLabel", { name: named(original) })}
                    onClick={() => onResume(run.id)}
                  >
                    {t("resume")}
                  </Button>
                ) : null}
              </span>
            );
          },
        }),
        column.accessor("tuningAuc", {
          header: t("tuningAuc"),
          cell: ({ row: { original } }) => original.tuningAuc?.toFixed(3) ?? "–",
          meta: { numeric: true, csv: ({ tuningAuc }) => tuningAuc },
        }),
        stat("auc"),
        stat("sensitivity"),
        stat("specificity"),
        column.accessor(({ run }) => (run.figures ? Math.round(run.figures.seconds) : null), {
          id: "time",
          header: t("time"),
          cell: ({ row: { original } }) => (
            <span className="whitespace-nowrap">
              {original.run.figures ? duration(original.run.figures.seconds) : "–"}
            </span>
          ),
          meta: { numeric: true },
        }),
      ]}
    />
  );
}
