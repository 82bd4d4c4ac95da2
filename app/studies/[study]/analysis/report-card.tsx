"use client";

import { useMutation } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { FileLink } from "@/app/_components/file-link";
import { Notice } from "@/app/_components/notice";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { Progress } from "@/app/_components/progress";
import { problemOf, useTRPC, useTRPCClient } from "@/app/_lib/trpc";
import { useSay } from "@/app/_lib/use-say";
import { type ReportJob, reportFormat } from "@/server/schemas/report";

/** The paper of the study: has it made in the language of the page, shows how far it is, and hands out its files. */
export function ReportCard({
  study,
  runId,
  initial,
}: {
  study: string;
  runId: string | undefined;
  /** The newest one; null: nobody has asked yet. */
  initial: ReportJob | null;
}) {
  const t = useTranslations("analysis.report");
  const say = useSay();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [job, setJob] = useState(initial);
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => client.report.make.mutate({ study, runId }),
    onSuccess: ({ reportId }) =>
      setJob({ id: reportId, state: "queued", done: 0, total: 0, error: null, language: "en" }),
  });
  const isUnderWay = job?.state === "queued" || job?.state === "running";
  const live = useSubscription(
    trpc.report.live.subscriptionOptions(
      { study, reportId: job?.id ?? "" },
      { enabled: isUnderWay, onData: (progress) => setJob(progress) },
    ),
  );
  const isFailed = job?.state === "failed" || job?.state === "cancelled";
  return (
    <Card className="mb-8">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <div className="max-w-prose">
          <h2 className="font-semibold">{t("title")}</h2>
          <p className="text-soft text-sm">{t("note")}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          {job?.state === "done"
            ? reportFormat.options.map((format) => (
                <FileLink key={format} kind="primary" href={`/api/studies/${study}/reports/${job.id}?format=${format}`}>
                  {t(format)}
                </FileLink>
              ))
            : null}
          {isUnderWay ? null : (
            <Button
              kind={job?.state === "done" ? "secondary" : "primary"}
              disabled={isPending}
              onClick={() => mutate()}
            >
              {t(job === null ? "make" : "again")}
            </Button>
          )}
        </div>
      </div>
      {isUnderWay ? (
        <div className="mt-3">
          <Progress
            label={t(job.state === "running" ? "running" : "queued")}
            done={job.done}
            total={job.total}
            unit={t("steps")}
          />
        </div>
      ) : null}
      {live.status === "error" ? (
        <Notice tone="warning">
          <p className="mb-3">{t("connection")}</p>
          <Button onClick={live.reset}>{t("look")}</Button>
        </Notice>
      ) : null}
      {isFailed ? (
        <Notice tone="danger" title={t("failed")}>
          {job.error ? say(job.error) : null}
        </Notice>
      ) : null}
      {error ? <ProblemList {...problemOf(error)} /> : null}
    </Card>
  );
}
