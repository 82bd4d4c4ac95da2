"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { DataTable } from "@/app/_components/data-table";
import { EmptyState } from "@/app/_components/empty-state";
import { Notice } from "@/app/_components/notice";
import { PageHeader } from "@/app/_components/page-header";
import { Hash, When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import type { PracticeProgress } from "@/server/schemas/practice";
import type { ReadingProgress as Progress } from "@/server/schemas/reading";
import { CloseReading } from "./close-reading";
import { DrawSchedule, shares } from "./draw-schedule";
import { OverrideWashOut, type WaitingList } from "./override-wash-out";
import { PracticeTable } from "./practice/practice-table";
import { RemindReader } from "./remind-reader";
import { WashOutOverrides } from "./wash-out-overrides";

type Row = Progress["lists"][number];
const column = createColumnHelper<Row>();

/** Days without a read from which somebody should ask. */
const quietFrom = 7;
const isQuiet = ({ quietDays }: Row) => quietDays !== null && quietDays >= quietFrom;
const isUnsigned = ({ signature }: Row) => signature === "none" || signature === "outdated";

function Signed({ list: { signature, signedAt } }: { list: Row }) {
  const t = useTranslations("reading.progress.signature");
  if (signature === "stands" && signedAt) return <When at={signedAt} zone />;
  return signature === "none" || signature === "outdated" ? t(signature) : "–";
}

/** For whoever runs the study: how far each reader is, and the schedule. */
export function ReadingProgress({
  study,
  progress,
  practice,
}: {
  study: string;
  progress: Progress;
  practice: PracticeProgress;
}) {
  const t = useTranslations("reading.progress");
  const { lists } = progress;
  const { list, sentences } = useFormat();
  const outstanding = [...new Set(lists.flatMap(({ readerCode, done, total }) => (done < total ? [readerCode] : [])))];
  const quiet = [...new Set(lists.filter(isQuiet).map(({ readerCode, reader }) => `${readerCode} ${reader}`))];
  const mayRemind = progress.readers.filter(({ readerCode }) =>
    lists.some((each) => each.readerCode === readerCode && each.state === "open"),
  );
  const [firstWaiting, ...otherWaiting] = lists.flatMap((each): WaitingList[] =>
    each.state === "wash-out" && each.opensAt ? [{ ...each, opensAt: each.opensAt }] : [],
  );
  const unsigned = lists.filter((each) => each.done === each.total && isUnsigned(each)).length;
  const sum = (key: "done" | "total") => lists.reduce((total, list) => total + list[key], 0);
  return (
    <>
      <PageHeader
        title={useTranslations("reading")("title")}
        answer={lists.length > 0 ? t("answer", { done: sum("done"), total: sum("total") }) : undefined}
        action={progress.mayDraw && !progress.locked ? <DrawSchedule study={study} progress={progress} /> : null}
      />
      {lists.length > 0 && progress.lacking.length > 0 && !progress.locked ? (
        <Notice tone="warning">
          {t("unscheduled", { readers: list(shares(progress, progress.lacking).map((share) => t("share", share))) })}
        </Notice>
      ) : null}
      {progress.tooLate.length > 0 && !progress.locked ? (
        <Notice tone="warning">
          {t("tooLate", { readers: list(shares(progress, progress.tooLate).map((share) => t("share", share))) })}
        </Notice>
      ) : null}
      {unsigned > 0 && !progress.locked ? <Notice tone="warning">{t("unsigned", { lists: unsigned })}</Notice> : null}
      {quiet.length > 0 ? <Notice tone="warning">{t("quietReaders", { readers: list(quiet) })}</Notice> : null}
      {practice.passMark === null ? null : <PracticeTable practice={{ ...practice, passMark: practice.passMark }} />}
      <DataTable<Row>
        name={useTranslations("reading")("title")}
        rows={lists}
        empty={<EmptyState title={t("none")}>{t("noneHint")}</EmptyState>}
        columns={[
          column.accessor("readerCode", { header: t("columns.reader") }),
          column.accessor("reader", { header: t("columns.name") }),
          column.accessor("condition", { header: t("columns.condition") }),
          column.accessor("batch", { header: t("columns.batch"), meta: { numeric: true } }),
          column.accessor("state", {
            header: t("columns.state"),
            cell: ({ row: { original } }) => (
              <>
                {t(`state.${original.state}`)}
                {original.opensAt ? (
                  <>
                    {" "}
                    <When at={original.opensAt} />
                  </>
                ) : null}
                {isQuiet(original) ? (
                  <span className="block text-sm text-warning">{t("quiet", { days: original.quietDays ?? 0 })}</span>
                ) : null}
              </>
            ),
            meta: { csv: (row) => row.state },
          }),
          column.accessor("done", { header: t("columns.done"), meta: { numeric: true } }),
          column.accessor("total", { header: t("columns.total"), meta: { numeric: true } }),
          column.accessor((row) => row.lastSubmittedAt?.getTime() ?? 0, {
            id: "last",
            header: t("columns.last"),
            cell: ({ row }) => (row.original.lastSubmittedAt ? <When at={row.original.lastSubmittedAt} /> : "–"),
            meta: { csv: (row) => row.lastSubmittedAt?.toISOString() ?? null },
          }),
          column.accessor("lastWeek", { header: t("columns.lastWeek"), meta: { numeric: true } }),
          column.accessor((row) => row.doneAbout?.getTime() ?? 0, {
            id: "doneAbout",
            header: t("columns.doneAbout"),
            cell: ({ row }) => (row.original.doneAbout ? <When at={row.original.doneAbout} date /> : "–"),
            meta: { csv: (row) => row.doneAbout?.toISOString() ?? null },
          }),
          column.accessor((row) => row.closed ?? "", { id: "closed", header: t("columns.closed") }),
          column.accessor((row) => row.signedAt?.getTime() ?? 0, {
            id: "signed",
            header: t("columns.signed"),
            cell: ({ row: { original } }) => <Signed list={original} />,
            meta: {
              csv: (row) => (row.signature === "stands" ? (row.signedAt?.toISOString() ?? null) : row.signature),
            },
          }),
          ...(progress.locked
            ? [
                column.accessor((row) => row.order?.seed ?? "", {
                  id: "seed",
                  header: t("columns.seed"),
                  cell: ({ getValue }) => <Hash value={getValue()} />,
                }),
                column.accessor((row) => row.order?.sha256 ?? "", {
                  id: "order",
                  header: t("columns.order"),
                  cell: ({ getValue }) => <Hash value={getValue()} />,
                }),
              ]
            : []),
        ]}
      />
      <p className="mt-3 text-soft text-sm">{sentences(t("blinded"), progress.locked ? null : t("ordersLater"))}</p>
      {progress.mayDraw && !progress.locked && outstanding.length > 0 ? (
        <div className="mt-6 flex flex-wrap gap-3">
          {progress.sendsMail && mayRemind.length > 0 ? <RemindReader study={study} readers={mayRemind} /> : null}
          <CloseReading study={study} readerCodes={outstanding} />
          {progress.mayOverride && firstWaiting ? (
            <OverrideWashOut
              key={[firstWaiting, ...otherWaiting].map(({ id }) => id).join()}
              study={study}
              lists={[firstWaiting, ...otherWaiting]}
            />
          ) : null}
        </div>
      ) : null}
      {progress.overrides.length > 0 ? <WashOutOverrides overrides={progress.overrides} /> : null}
      {progress.mayDraw && !progress.sendsMail && quiet.length > 0 ? (
        <p className="mt-3 text-soft text-sm">{t("noMail")}</p>
      ) : null}
    </>
  );
}
