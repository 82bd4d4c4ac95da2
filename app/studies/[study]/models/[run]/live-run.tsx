"use client";

import { useSubscription } from "@trpc/tanstack-react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { LeakBadge } from "@/app/_components/badge";
import { ContradictionNotice } from "@/app/_components/contradiction-notice";
import { LeakNotice } from "@/app/_components/leak-notice";
import { Notice } from "@/app/_components/notice";
import { Section } from "@/app/_components/page-header";
import { useTRPC } from "@/app/_lib/trpc";
import { splitLeaks } from "@/core/protocol/regimen";
import type { Contradiction } from "@/server/schemas/leakage";
import type { RunProgress } from "@/server/schemas/model";
import { Companions } from "./companions";
import { Curves } from "./curves";
import { FoldTable } from "./fold-table";
import { ModelCard } from "./model-card";
import { RunHeader } from "./run-header";
import { RunLog } from "./run-log";
import { RunNotes } from "./run-notes";
import { RunNow } from "./run-now";
import { RunRecord } from "./run-record";
import { RunResult } from "./run-result";
import { RunTasks } from "./run-tasks";

/** Entries and those that came; what came a second time, after the connection was lost, is left out. */
function withNew<T>(entries: readonly T[], came: readonly T[], keyOf: (entry: T) => string | number): T[] {
  const known = new Set(entries.map(keyOf));
  return [...entries, ...came.filter((entry) => !known.has(keyOf(entry)))];
}

/** A run as it goes on: the server sends what changed until the run has ended. */
export function LiveRun({
  study,
  initial,
  contradictions,
  mayTrain,
  synthetic,
}: {
  study: string;
  initial: RunProgress;
  contradictions: readonly Contradiction[];
  mayTrain: boolean;
  synthetic: boolean;
}) {
  const t = useTranslations("models");
  const router = useRouter();
  const trpc = useTRPC();
  const [{ run, metrics, folds, log }, setProgress] = useState(initial);
  const [follows, setFollows] = useState(initial.run.endedAt === null);
  const live = useSubscription(
    trpc.model.live.subscriptionOptions(
      { study, runId: initial.run.id },
      {
        enabled: follows,
        onData: (progress) => {
          setProgress((before) => ({
            ...progress,
            metrics: withNew(before.metrics, progress.metrics, ({ fold, epoch }) => `${fold} ${epoch}`),
            log: withNew(before.log, progress.log, ({ id }) => id),
          }));
          if (!progress.run.endedAt) return;
          setFollows(false);
          router.refresh();
        },
      },
    ),
  );
  const { config } = run;
  const done = run.state === "done";
  const trained = config.trainable === "head" || config.trainable === "network";
  const leaks = splitLeaks(run.config);
  const shown = { study, run };

  return (
    <>
      <RunHeader
        {...shown}
        mayTrain={mayTrain}
        synthetic={synthetic}
        onResumed={() => {
          setProgress((before) => ({ ...before, run: { ...before.run, state: "queued", error: null, endedAt: null } }));
          setFollows(true);
        }}
      />
      {follows && live.status === "error" ? <Notice tone="warning">{t("run.connection")}</Notice> : null}
      <RunNotes {...shown} metrics={metrics} finished={folds.length} mayTrain={mayTrain} />
      {config.trainable === "elsewhere" ? null : <LeakNotice unit={config.splitUnit} leakage={run.leakage} />}
      <ContradictionNotice contradictions={contradictions} />
      {run.state === "running" ? <RunNow run={run} /> : null}

      {done ? <RunResult {...shown} /> : null}
      {metrics.length > 0 ? (
        <div className="mb-10 grid gap-4 *:min-w-0 lg:grid-cols-2">
          <Curves measure="loss" metrics={metrics} synthetic={synthetic} leaks={leaks} />
          <Curves measure="auc" metrics={metrics} synthetic={synthetic} leaks={leaks} />
        </div>
      ) : null}
      {folds.length > 0 ? (
        <Section title={t("folds.title")} aside={leaks ? <LeakBadge /> : null}>
          <FoldTable folds={folds} leaks={leaks} />
        </Section>
      ) : null}
      {done && trained && !run.companionOf ? <Companions {...shown} mayTrain={mayTrain} /> : null}
      {done && trained ? <RunTasks {...shown} mayTrain={mayTrain} /> : null}
      {done ? <ModelCard {...shown} /> : null}
      <div className="grid gap-x-8 *:min-w-0 lg:grid-cols-2">
        <RunRecord run={run} />
        {log.length > 0 ? <RunLog log={log} /> : null}
      </div>
    </>
  );
}
