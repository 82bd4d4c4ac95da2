"use client";

import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { LeakBadge, SyntheticBadge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { PageHeader } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { splitLeaks } from "@/core/protocol/regimen";
import type { Run } from "@/server/schemas/model";
import { useDuration } from "../duration";
import { useRunName } from "../run-name";
import { RunState } from "../run-state";

/** What the run is and how far, with what can be done to it: cancel, resume, compare, explain. */
export function RunHeader({
  study,
  run,
  mayTrain,
  synthetic,
  onResumed,
}: {
  study: string;
  run: Run;
  mayTrain: boolean;
  synthetic: boolean;
  onResumed: () => void;
}) {
  const t = useTranslations("models.run");
  const explain = useTranslations("models.explain");
  const duration = useDuration();
  const { named } = useFormat();
  const nameOf = useRunName();
  const trpc = useTRPC();
  const cancel = useMutation(trpc.model.cancel.mutationOptions());
  const resume = useMutation(trpc.model.resume.mutationOptions({ onSuccess: onResumed }));
  const input = { study, runId: run.id };
  const { state, figures, config } = run;
  const { startedAt, endedAt } = run;
  const elapsed = startedAt && endedAt ? (endedAt.getTime() - startedAt.getTime()) / 1000 : 0;
  const time = duration(figures?.seconds ?? elapsed);
  const answer = {
    queued: t("answer.queued"),
    running: figures?.secondsLeft ? t("answer.left", { time: duration(figures.secondsLeft) }) : t("answer.running"),
    done:
      config.trainable === "elsewhere" ? t("answer.doneElsewhere") : t("answer.done", { time, unit: config.splitUnit }),
    failed: startedAt ? t("answer.failed", { time }) : t("answer.failedEarly"),
    cancelled: startedAt ? t("answer.cancelled", { time }) : t("answer.cancelledEarly"),
  }[state];
  const ended = endedAt !== null;
  const broken = state === "failed" || state === "cancelled";
  const compares = state === "done" && config.trainable !== "baseline" && !config.shuffledLabels;
  const explains = state === "done" && (config.trainable === "head" || config.trainable === "network");
  const error = cancel.error ?? resume.error;

  return (
    <>
      <PageHeader
        title={named(t("title"), nameOf(config))}
        answer={
          <span className="flex flex-wrap items-center gap-2">
            <RunState state={state} /> {splitLeaks(run.config) ? <LeakBadge /> : null}{" "}
            {synthetic ? <SyntheticBadge /> : null} <span data-testid="run-answer">{answer}</span>
          </span>
        }
        action={
          <>
            {mayTrain && !ended ? (
              <Button
                kind="danger"
                disabled={cancel.isPending || run.cancelRequestedAt !== null}
                onClick={() => cancel.mutate(input)}
              >
                {cancel.isPending || run.cancelRequestedAt ? t("cancelling") : t("cancel")}
              </Button>
            ) : null}
            {mayTrain && broken ? (
              <Button kind="primary" disabled={resume.isPending} onClick={() => resume.mutate(input)}>
                {resume.isPending ? t("resuming") : t("resume")}
              </Button>
            ) : null}
            {compares ? (
              <Button asChild>
                <Link href={`/studies/${study}/analysis?run=${run.id}`}>{t("compare")}</Link>
              </Button>
            ) : null}
            {explains ? (
              <Button kind="primary" asChild>
                <Link href={`/studies/${study}/models/${run.id}/explain`}>{explain("open")}</Link>
              </Button>
            ) : null}
          </>
        }
      />
      {error ? (
        <div className="mb-6">
          <ProblemList {...problemOf(error)} />
        </div>
      ) : null}
    </>
  );
}
