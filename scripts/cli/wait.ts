import { setTimeout as wait } from "node:timers/promises";
import type { Said } from "@/core/words";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { AnalysisJob } from "@/server/schemas/analysis";
import type { BundleJob } from "@/server/schemas/bundle";
import type { JobState } from "@/server/schemas/job";
import type { Run, RunTask } from "@/server/schemas/model";
import type { ReportJob } from "@/server/schemas/report";
import { bundleProgress } from "@/server/services/bundle/bundle-progress";
import { analysisProgress } from "@/server/services/computation/analysis-progress";
import { findTask } from "@/server/services/model/find-task";
import { viewRun } from "@/server/services/model/view-run";
import { findReport } from "@/server/services/report/find-report";
import type { Services } from "./run-command";
import { progressBar, say } from "./terminal";
import { inWords, words } from "./words";
import { spareWorker } from "./worker";

const lookEveryMs = 500;

interface Look<T> {
  state: JobState;
  /** What is shown while it runs. */
  name: string;
  done: number;
  total: number;
  error: Said | null;
  lines: readonly string[];
  value: T;
}

/** Looks again and again until the work is done, with a progress bar, its log, and a worker of our own when no other takes it. */
async function untilDone<T>(
  services: Services,
  failed: (ended: { state: string; reason: Said | null }) => Said,
  look: () => Promise<Look<T>>,
): Promise<T> {
  const worker = spareWorker(services);
  const bar = progressBar();
  try {
    for (; ; await wait(lookEveryMs)) {
      const { state, name, done, total, error, lines, value } = await look();
      for (const line of lines) {
        bar.end();
        say(`  ${line}`);
      }
      if (state === "running" && total > 0) bar.show({ name, done, total });
      if (state === "queued") worker.wanted();
      if (state === "done") return value;
      if (state === "failed" || state === "cancelled")
        throw new AppError("unavailable", failed({ state, reason: error }));
      worker.check();
    }
  } finally {
    bar.end();
    await worker.stop();
  }
}

/** Waits for a run. @throws AppError "unavailable" when it failed or was cancelled */
export function waitForRun(services: Services, actor: StudyActor, runId: string): Promise<Run> {
  let afterLogId = 0;
  const failed = ({ state, reason }: { state: string; reason: Said | null }): Said =>
    reason
      ? { key: "cli.wait.run_because", values: { run: runId, state, reason } }
      : { key: "cli.wait.run", values: { run: runId, state } };
  return untilDone(services, failed, async () => {
    const { run, log } = await withActor(actor, (tx) => viewRun(tx, actor, { runId, afterLogId }));
    afterLogId = log.at(-1)?.id ?? afterLogId;
    return {
      ...run,
      name: run.phase ? inWords(run.phase) : words("wait.training"),
      lines: log.map(({ line }) => inWords(line)),
      value: run,
    };
  });
}

/** Waits for a task of a run. @throws AppError "unavailable" when it failed */
export function waitForTask(services: Services, actor: StudyActor, taskId: string): Promise<RunTask> {
  const failed = ({ state, reason }: { state: string; reason: Said | null }): Said =>
    reason
      ? { key: "cli.wait.task_because", values: { task: taskId, state, reason } }
      : { key: "cli.wait.task", values: { task: taskId, state } };
  return untilDone(services, failed, async () => {
    const task = await withActor(actor, (tx) => findTask(tx, actor, { taskId }));
    return { ...task, name: words("wait.kind", { kind: task.kind }), lines: [], value: task };
  });
}

/** Waits for numbers to be computed. @throws AppError "unavailable" when it failed */
export function waitForAnalysis(services: Services, actor: StudyActor, analysisId: string): Promise<AnalysisJob> {
  const failed = ({ state, reason }: { state: string; reason: Said | null }): Said =>
    reason
      ? { key: "cli.wait.analysis_because", values: { state, reason } }
      : { key: "cli.wait.analysis", values: { state } };
  return untilDone(services, failed, async () => {
    const job = await withActor(actor, (tx) => analysisProgress(tx, actor, { analysisId }));
    return { ...job, name: words("wait.figures"), lines: [], value: job };
  });
}

/** Waits for a bundle to be made. @throws AppError "unavailable" when it failed */
export function waitForBundle(services: Services, actor: StudyActor, bundleId: string): Promise<BundleJob> {
  const failed = ({ state, reason }: { state: string; reason: Said | null }): Said =>
    reason
      ? { key: "cli.wait.bundle_because", values: { state, reason } }
      : { key: "cli.wait.bundle", values: { state } };
  return untilDone(services, failed, async () => {
    const job = await withActor(actor, (tx) => bundleProgress(tx, actor, { bundleId }));
    return { ...job, name: words("wait.figures"), lines: [], value: job };
  });
}

/** Waits for a report. @throws AppError "unavailable" when it failed */
export function waitForReport(services: Services, actor: StudyActor, reportId: string): Promise<ReportJob> {
  const failed = ({ state, reason }: { state: string; reason: Said | null }): Said =>
    reason
      ? { key: "cli.wait.report_because", values: { state, reason } }
      : { key: "cli.wait.report", values: { state } };
  return untilDone(services, failed, async () => {
    const job = await withActor(actor, (tx) => findReport(tx, actor, { reportId }));
    return { ...job, name: words("wait.making_report"), lines: [], value: job };
  });
}
