"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { DataTable } from "@/app/_components/data-table";
import { Notice } from "@/app/_components/notice";
import { Section } from "@/app/_components/page-header";
import { Progress } from "@/app/_components/progress";
import { useTRPC } from "@/app/_lib/trpc";
import type { StudyProgress } from "@/server/schemas/study";
import { AccrualChart } from "./accrual-chart";
import { Counts } from "./counts";

type Row = StudyProgress["reads"][number];
const column = createColumnHelper<Row>();

/** How far a running study is, as it changes: what was done, never what it says. */
export function Dashboard({
  study,
  initial,
  synthetic,
}: {
  study: string;
  initial: StudyProgress;
  synthetic: boolean;
}) {
  const t = useTranslations("overview");
  const missing = useTranslations("errors.missing");
  const trpc = useTRPC();
  const [progress, setProgress] = useState(initial);
  const live = useSubscription(trpc.study.live.subscriptionOptions({ study }, { onData: setProgress }));
  const { counts, reads, accrual } = progress;
  const seconds = (of: (time: NonNullable<Row["time"]>) => number) => (row: Row) =>
    row.time === null ? null : Math.round(of(row.time));
  return (
    <>
      {live.status === "error" ? <Notice tone="warning">{t("live.lost")}</Notice> : null}
      <Section title={t("counts")} aside={<p className="text-soft text-sm">{t("live.hidden")}</p>}>
        <Counts counts={counts} />
      </Section>
      <div className="mb-10 grid gap-6 *:min-w-0 xl:grid-cols-2">
        <AccrualChart accrual={accrual} synthetic={synthetic} />
        <section>
          <h2 className="mb-3">{t("missing.title")}</h2>
          {progress.missing.length === 0 ? <p className="text-soft">{t("missing.none")}</p> : null}
          <ul className="grid gap-2">
            {progress.missing.map(({ key, count }) => (
              <li key={key} className="rounded-md border border-line bg-surface px-4 py-2.5">
                {missing(key, { count })}
              </li>
            ))}
          </ul>
        </section>
      </div>
      {reads.length > 0 ? (
        <Section title={t("reading.title")}>
          <DataTable<Row>
            name={t("reading.title")}
            rows={reads}
            empty={null}
            filter={false}
            columns={[
              column.accessor("reader", { header: t("reading.reader") }),
              column.accessor("condition", { header: t("reading.condition") }),
              column.accessor((row) => (row.total === 0 ? 0 : row.done / row.total), {
                id: "done",
                header: t("reading.done"),
                cell: ({ row: { original } }) => (
                  <div className="w-56 max-w-full">
                    <Progress
                      label={t(original.closed ? "reading.closed" : "reading.share", {
                        percent: original.total === 0 ? 0 : Math.floor((100 * original.done) / original.total),
                      })}
                      done={original.done}
                      total={original.total}
                    />
                  </div>
                ),
                meta: { csv: (row) => row.done },
              }),
              column.accessor(
                seconds(({ median }) => median),
                {
                  id: "median",
                  header: t("reading.median"),
                  cell: ({ getValue }) => getValue() ?? "–",
                  meta: { numeric: true },
                },
              ),
              column.accessor(
                ({ time }) =>
                  time === null
                    ? "–"
                    : t("reading.range", { lower: Math.round(time.lower), upper: Math.round(time.upper) }),
                { id: "quartiles", header: t("reading.quartiles"), meta: { numeric: true } },
              ),
              column.accessor(
                seconds(({ n }) => n),
                {
                  id: "n",
                  header: t("reading.n"),
                  cell: ({ getValue }) => getValue() ?? 0,
                  meta: { numeric: true },
                },
              ),
            ]}
          />
          <p className="mt-2 max-w-prose text-soft text-sm">{t("reading.note")}</p>
        </Section>
      ) : null}
    </>
  );
}
