"use client";

import { createColumnHelper } from "@tanstack/react-table";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { LeakBadge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { DataTable } from "@/app/_components/data-table";
import { CheckField } from "@/app/_components/field";
import { When } from "@/app/_components/values";
import { usePerson } from "@/app/_i18n/person";
import { splitLeaks } from "@/core/protocol/regimen";
import type { Run } from "@/server/schemas/model";
import { useDuration } from "./duration";
import { useRunName } from "./run-name";
import { RunState } from "./run-state";

const column = createColumnHelper<Run>();
/** As many as one comparison takes. */
const most = 12;

/** The runs of a study; those that are ticked go to the comparison. */
export function RunTable({ study, runs, empty }: { study: string; runs: readonly Run[]; empty: ReactNode }) {
  const t = useTranslations("models");
  const person = usePerson();
  const nameOf = useRunName();
  const duration = useDuration();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const alone = runs.filter((run) => !run.sweepId);
  const inSweeps = runs.length - alone.length;
  const [withSweeps, setWithSweeps] = useState(alone.length === 0);
  const may = chosen.length >= 2 && chosen.length <= most;
  const toggle = (id: string) =>
    setChosen((before) => (before.includes(id) ? before.filter((each) => each !== id) : [...before, id]));
  const splitOf = (run: Run) =>
    run.config.trainable === "elsewhere" ? t("splits.elsewhere") : t(`splits.${run.config.splitUnit}`);

  return (
    <>
      {runs.length > 1 ? (
        <div className="no-print mb-2 flex flex-wrap items-center gap-x-4 gap-y-2">
          {may ? (
            <Button asChild>
              <Link href={`/studies/${study}/models/compare?runs=${chosen.join(",")}`}>
                {t("compareChosen", { count: chosen.length })}
              </Link>
            </Button>
          ) : (
            <Button disabled>{t("compare.open")}</Button>
          )}
          <span className="text-soft text-sm" role="status">
            {chosen.length > most ? t("chooseFewer", { most }) : may ? "" : t("chooseHint")}
          </span>
          {inSweeps > 0 && alone.length > 0 ? (
            <CheckField
              label={t("withSweeps", { count: inSweeps })}
              checked={withSweeps}
              onChange={(event) => setWithSweeps(event.target.checked)}
            />
          ) : null}
        </div>
      ) : null}
      <DataTable<Run>
        name={t("runs")}
        leaks={(run) => splitLeaks(run.config)}
        rows={withSweeps ? runs : alone}
        empty={empty}
        columns={[
          column.display({
            id: "choose",
            header: () => <span className="sr-only">{t("columns.choose")}</span>,
            cell: ({ row }) => (
              <input
                type="checkbox"
                aria-label={t("choose", { name: nameOf(row.original.config) })}
                checked={chosen.includes(row.original.id)}
                onChange={() => toggle(row.original.id)}
                className="size-4 accent-accent max-sm:size-5"
              />
            ),
          }),
          column.accessor((run) => nameOf(run.config), {
            id: "what",
            header: t("columns.what"),
            cell: ({ row, getValue }) => (
              <Link
                href={`/studies/${study}/models/${row.original.id}`}
                className="text-accent underline underline-offset-2"
              >
                {getValue()}
              </Link>
            ),
          }),
          column.accessor("state", {
            header: t("columns.state"),
            cell: ({ row }) => <RunState state={row.original.state} />,
            meta: { csv: (run) => run.state },
          }),
          column.accessor(splitOf, {
            id: "split",
            header: t("columns.split"),
            cell: ({ row, getValue }) => (
              <span className="inline-flex flex-wrap items-center gap-1.5">
                {getValue()} {splitLeaks(row.original.config) ? <LeakBadge /> : null}
              </span>
            ),
          }),
          column.accessor("images", { header: t("columns.images"), meta: { numeric: true } }),
          column.accessor("patients", { header: t("columns.patients"), meta: { numeric: true } }),
          column.accessor((run) => run.environment?.engine ?? "", {
            id: "engine",
            header: t("columns.engine"),
            cell: ({ getValue }) => getValue() || "–",
          }),
          column.accessor((run) => (run.figures ? Math.round(run.figures.seconds) : null), {
            id: "time",
            header: t("columns.time"),
            cell: ({ row }) => (
              <span className="whitespace-nowrap">
                {row.original.figures ? duration(row.original.figures.seconds) : "–"}
              </span>
            ),
            meta: { numeric: true },
          }),
          column.accessor("createdAt", {
            header: t("columns.queued"),
            cell: ({ row }) => <When at={row.original.createdAt} />,
            meta: { csv: (run) => run.createdAt.toISOString() },
          }),
          column.accessor((run) => person(run.createdBy), {
            id: "createdBy",
            header: t("columns.by"),
          }),
        ]}
      />
    </>
  );
}
