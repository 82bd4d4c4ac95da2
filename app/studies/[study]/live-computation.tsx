"use client";

import { useMutation } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "@/app/_components/button";
import { Notice } from "@/app/_components/notice";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { Progress } from "@/app/_components/progress";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { useSay } from "@/app/_lib/use-say";
import type { AnalysisJob } from "@/server/schemas/analysis";

/**
 * Figures that are not there yet: has them computed, shows how far they are, and gives way to them.
 * @param ask asks the server for them; asked twice it is computed once
 * @param initial null: nobody has asked yet
 * @param onDone shows them; left out: the page is loaded anew
 */
export function LiveComputation({
  study,
  ask,
  initial,
  onDone,
}: {
  study: string;
  ask: () => Promise<{ analysisId: string }>;
  initial: AnalysisJob | null;
  onDone?: () => void;
}) {
  const t = useTranslations("parts.computing");
  const say = useSay();
  const router = useRouter();
  const trpc = useTRPC();
  const [job, setJob] = useState(initial);
  const { mutate, error, isPending } = useMutation({
    mutationFn: ask,
    onSuccess: ({ analysisId }) => setJob({ id: analysisId, state: "queued", done: 0, total: 0, error: null }),
  });
  const isAsked = initial !== null;
  useEffect(() => {
    // The server takes a second tab for the same: it is computed once.
    if (!isAsked) mutate();
  }, [isAsked, mutate]);
  const live = useSubscription(
    trpc.analysis.live.subscriptionOptions(
      { study, analysisId: job?.id ?? "" },
      {
        enabled: job?.state === "queued" || job?.state === "running",
        onData: (progress) => {
          setJob(progress);
          if (progress.state === "done") (onDone ?? router.refresh)();
        },
      },
    ),
  );

  if (error) return <ProblemList {...problemOf(error)} />;
  if (job?.state === "failed" || job?.state === "cancelled")
    return (
      <Notice tone="danger" title={t("failed")}>
        {job.error ? <p>{say(job.error)}</p> : null}
        <p className="mb-3">{t("remedy")}</p>
        <Button kind="primary" disabled={isPending} onClick={() => mutate()}>
          {t("again")}
        </Button>
      </Notice>
    );
  return (
    <>
      {live.status === "error" ? <Notice tone="warning">{t("connection")}</Notice> : null}
      <Card className="mb-8">
        <Progress
          label={job?.state === "running" || job?.state === "done" ? t("running") : t("queued")}
          done={job?.done ?? 0}
          total={job?.total ?? 0}
          unit={t("unit")}
        />
        <p className="mt-3 max-w-prose text-soft text-sm">{t("note")}</p>
      </Card>
    </>
  );
}
