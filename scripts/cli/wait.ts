import { setTimeout as wait } from "node:timers/promises";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { AnalysisJob } from "@/server/schemas/analysis";
import type { JobState } from "@/server/schemas/job";
import type { Run, RunTask } from "@/server/schemas/model";
import { analysisProgress } from "@/server/services/analysis/find-comparison";
import { runProgress } from "@/server/services/model/find-runs";
import { findTask } from "@/server/services/model/find-tasks";
import type { Services } from "./run-command";
import { progressBar, say } from "./terminal";
import { spareWorker } from "./worker";

const lookEveryMs = 500;

interface Look<T> {
  state: JobState;
  /** What is shown while it runs. */
  name: string;
  done: number;
  total: number;
  error: string | null;
  lines: readonly string[];
  value: T;
}

/** Looks again and again until the work is done, with a progress bar, its log, and a worker of our own when no other takes it. */
async function untilDone<T>(
  services: Services,
  what: string,
  remedy: string,
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
        throw new AppError("unavailable", `${what} ${state}${error ? `: ${error}` : ""}. ${remedy}`);
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
  const remedy = "The study is unchanged; correct the cause and train again.";
  return untilDone(services, `Run ${runId}`, remedy, async () => {
    const { run, log } = await withActor(actor, (tx) => runProgress(tx, actor, { runId, afterLogId }));
    afterLogId = log.at(-1)?.id ?? afterLogId;
    return { ...run, name: run.phase ?? "training", lines: log.map(({ line }) => line), value: run };
  });
}

/** Waits for a task of a run. @throws AppError "unavailable" when it failed */
export function waitForTask(services: Services, actor: StudyActor, taskId: string): Promise<RunTask> {
  const remedy = "The run is unchanged; correct the cause and ask again.";
  return untilDone(services, `Task ${taskId}`, remedy, async () => {
    const task = await withActor(actor, (tx) => findTask(tx, actor, { taskId }));
    return { ...task, name: task.kind, lines: [], value: task };
  });
}

/** Waits for a comparison to be computed. @throws AppError "unavailable" when it failed */
export function waitForAnalysis(services: Services, actor: StudyActor, analysisId: string): Promise<AnalysisJob> {
  const remedy = "The study is unchanged; correct the cause and ask again.";
  return untilDone(services, "The comparison", remedy, async () => {
    const job = await withActor(actor, (tx) => analysisProgress(tx, actor, { analysisId }));
    return { ...job, name: "comparison", lines: [], value: job };
  });
}
