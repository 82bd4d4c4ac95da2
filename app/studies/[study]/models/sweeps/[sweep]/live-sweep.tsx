"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { LeakBadge, SyntheticBadge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { LeakNotice } from "@/app/_components/leak-notice";
import { Notice } from "@/app/_components/notice";
import { PageHeader, Section } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { Hash } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { usePerson } from "@/app/_i18n/person";
import { problemOf, useTRPC, useTRPCClient } from "@/app/_lib/trpc";
import { splitLeaks } from "@/core/protocol/regimen";
import type { SweepResult } from "@/server/schemas/model";
import { Judging } from "../../judging";
import { DepthChart } from "./depth-chart";
import { DepthTable } from "./depth-table";
import { NestedChoice } from "./nested-choice";
import { useSweepAnswer } from "./sweep-answer";

const pollEvery = 3_000;
const isLive = ({ run }: SweepResult["depths"][number]) => run.state === "queued" || run.state === "running";

/** A sweep as it goes on: the depths beside each other, and the one figure that no choice has flattered. */
export function LiveSweep({
  study,
  initial,
  mayTrain,
  synthetic,
}: {
  study: string;
  initial: SweepResult;
  mayTrain: boolean;
  synthetic: boolean;
}) {
  const t = useTranslations("models.sweep");
  const person = usePerson();
  const split = useTranslations("models.splits");
  const { stop } = useFormat();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const {
    data: sweep,
    error,
    refetch,
  } = useQuery(
    trpc.model.sweep.queryOptions(
      { study, sweepId: initial.id },
      {
        initialData: initial,
        refetchInterval: ({ state }) => (state.data?.depths.some(isLive) ? pollEvery : false),
      },
    ),
  );
  const again = { onSettled: () => refetch() };
  const cancel = useMutation(trpc.model.cancel.mutationOptions(again));
  /** One after the other, so that they are queued in their order; a refusal is shown and ends it. */
  const resume = useMutation({
    ...again,
    mutationFn: async (runIds: readonly string[]) => {
      for (const runId of runIds) await client.model.resume.mutate({ study, runId });
    },
  });
  const answer = useSweepAnswer(sweep);
  const { depths } = sweep;
  const live = depths.filter(isLive);
  const stoppable = live.filter(({ run }) => !run.cancelRequestedAt);
  const broken = depths.filter(({ run }) => run.state === "failed" || run.state === "cancelled");
  const first = depths[0]?.run;
  const leaks = first && splitLeaks(first.config) ? <LeakBadge /> : null;
  const problem = error ?? cancel.error ?? resume.error;
  return (
    <>
      <PageHeader
        title={t("title")}
        answer={
          <span className="flex flex-wrap items-center gap-2">
            {leaks} {synthetic ? <SyntheticBadge /> : null} <span data-testid="sweep-answer">{answer}</span>
          </span>
        }
        action={
          mayTrain && live.length > 0 ? (
            <Button
              kind="danger"
              disabled={cancel.isPending || stoppable.length === 0}
              onClick={() => {
                for (const { run } of stoppable) cancel.mutate({ study, runId: run.id });
              }}
            >
              {stoppable.length === 0 ? t("cancelling") : t("cancelAll")}
            </Button>
          ) : mayTrain && broken.length > 1 ? (
            <Button
              kind="primary"
              disabled={resume.isPending}
              onClick={() => resume.mutate(broken.map(({ run }) => run.id))}
            >
              {t("resumeAll")}
            </Button>
          ) : null
        }
      />
      {problem ? (
        <div className="mb-6">
          <ProblemList {...problemOf(problem)} />
        </div>
      ) : null}
      {first && first.config.trainable !== "elsewhere" ? (
        <LeakNotice unit={first.config.splitUnit} leakage={first.leakage} />
      ) : null}
      {broken.length > 0 && mayTrain ? (
        <Notice tone="warning">{t("failedRuns", { count: broken.length })}</Notice>
      ) : null}
      {sweep.pending ? <Judging study={study} pending={sweep.pending} onDone={refetch} /> : null}
      <Section title={t("nested")} aside={leaks}>
        <NestedChoice sweep={sweep} />
      </Section>
      <Section title={t("table")} aside={leaks}>
        <DepthTable
          study={study}
          depths={depths}
          resuming={resume.isPending ? resume.variables : []}
          onResume={mayTrain ? (runId) => resume.mutate([runId]) : null}
        />
        <p className="mt-2 max-w-prose text-soft text-sm">{t("tableNote", { count: depths.length })}</p>
      </Section>
      {depths.some(({ result }) => result) ? (
        <div className="mb-8 max-w-3xl">
          <DepthChart sweep={sweep} synthetic={synthetic} leaks={leaks !== null} />
        </div>
      ) : null}
      {first ? (
        <p className="text-soft text-sm">
          {t("record", {
            images: first.images,
            patients: first.patients,
            folds: first.folds,
            unit: first.config.trainable === "elsewhere" ? "" : split(first.config.splitUnit),
            seed: first.seed,
          })}{" "}
          <Hash value={sweep.snapshotSha256} />
          {stop}
          {t("by", { who: person(sweep.createdBy) })}
          {stop}
        </p>
      ) : null}
    </>
  );
}
