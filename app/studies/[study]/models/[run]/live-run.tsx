"use client";

import { useMutation } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { Notice } from "@/app/_components/notice";
import { Card, PageHeader, Section } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { Progress } from "@/app/_components/progress";
import { Hash, When } from "@/app/_components/values";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { RunProgress } from "@/server/schemas/model";
import { RunState } from "../run-state";
import { Curves } from "./curves";

/** A run as it goes on: the server sends what changed until the run has ended. */
export function LiveRun({
  study,
  initial,
  mayCancel,
  synthetic,
}: {
  study: string;
  initial: RunProgress;
  mayCancel: boolean;
  synthetic: boolean;
}) {
  const t = useTranslations("models.run");
  const router = useRouter();
  const trpc = useTRPC();
  const [{ run, metrics, log }, setProgress] = useState(initial);
  const ended = run.endedAt !== null;
  const live = useSubscription(
    trpc.model.live.subscriptionOptions(
      { study, runId: initial.run.id },
      {
        enabled: initial.run.endedAt === null,
        onData: (progress) => {
          setProgress((before) => {
            const known = new Set(before.log.map((line) => line.id));
            return { ...progress, log: [...before.log, ...progress.log.filter((line) => !known.has(line.id))] };
          });
          if (progress.run.endedAt) router.refresh();
        },
      },
    ),
  );
  const cancel = useMutation(trpc.model.cancel.mutationOptions());
  const answer =
    run.state === "running"
      ? t("answer.running", { phase: run.phase ?? "…" })
      : t(`answer.${run.state}`, { seconds: Math.round(run.figures?.seconds ?? 0), phase: "" });
  const { environment, config } = run;

  return (
    <>
      <PageHeader
        title={t("title")}
        answer={
          <>
            <RunState state={run.state} /> <span data-testid="run-answer">{answer}</span>
          </>
        }
        action={
          mayCancel && !ended ? (
            <Button
              kind="danger"
              disabled={cancel.isPending || run.cancelRequestedAt !== null}
              onClick={() => cancel.mutate({ study, runId: run.id })}
            >
              {run.cancelRequestedAt ? t("cancelling") : t("cancel")}
            </Button>
          ) : null
        }
      />
      {cancel.error ? <ProblemList {...problemOf(cancel.error)} /> : null}
      {run.error ? <ProblemList message={run.error} /> : null}
      {live.status === "error" ? <Notice tone="warning">{t("connection")}</Notice> : null}
      {run.state === "queued" ? <Notice>{t("waiting")}</Notice> : null}
      {run.state === "running" ? (
        <div className="mb-8">
          <Progress label={t("phase", { phase: run.phase ?? "…" })} done={run.done} total={run.total} />
        </div>
      ) : null}
      {run.attempts > 1 ? <Notice>{t("attempts", { count: run.attempts })}</Notice> : null}
      {environment?.slowerThan ? <Notice>{t("slower", { reason: environment.slowerThan })}</Notice> : null}

      {metrics.length > 0 ? (
        <div className="mb-10 grid gap-4 lg:grid-cols-2">
          <Curves measure="loss" metrics={metrics} synthetic={synthetic} />
          <Curves measure="auc" metrics={metrics} synthetic={synthetic} />
        </div>
      ) : null}

      <div className="grid gap-x-8 lg:grid-cols-2">
        <Section title={t("record")}>
          <Card>
            <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-2 max-sm:grid-cols-1">
              <Row name={t("data")}>
                {run.images} images, {run.patients} patients
              </Row>
              <Row name={t("split")}>{t("splitValue", { folds: run.folds, seed: run.seed })}</Row>
              <Row name={t("trained")}>{t("trainedValue")}</Row>
              <Row name={t("optimiser")}>
                {Object.entries(config.optimiser)
                  .map(([key, value]) => `${key} ${value}`)
                  .join(", ")}
              </Row>
              {environment ? (
                <>
                  <Row name={t("engine")}>
                    {environment.engine} {environment.version}, {t("threads", { count: environment.threads })},{" "}
                    {environment.device}
                  </Row>
                  <Row name={t("weights")}>{t("weightsNote", { name: environment.weights })}</Row>
                </>
              ) : null}
              {run.figures ? (
                <>
                  {run.figures.imagesPerSecond ? (
                    <Row name={t("speed")}>{t("speedValue", { value: run.figures.imagesPerSecond.toFixed(2) })}</Row>
                  ) : null}
                  <Row name={t("memory")}>{t("memoryValue", { value: run.figures.peakMemoryMb })}</Row>
                </>
              ) : null}
              <Row name={t("snapshot")}>
                <Hash value={run.snapshotSha256} />
              </Row>
            </dl>
          </Card>
        </Section>
        <Section title={t("log")}>
          <Card>
            <ol className="grid max-h-96 gap-1 overflow-y-auto text-sm" aria-live="polite">
              {log.map((line) => (
                <li key={line.id} className="flex gap-3">
                  <span className="shrink-0 text-soft">
                    <When at={line.at} />
                  </span>
                  <span>{line.line}</span>
                </li>
              ))}
            </ol>
          </Card>
        </Section>
      </div>
    </>
  );
}

function Row({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
