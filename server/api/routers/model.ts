import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { protocolRegimen } from "@/core/protocol/regimen";
import { router, studyProcedure } from "@/server/api/trpc";
import { contradiction } from "@/server/schemas/leakage";
import {
  companionKind,
  pendingJudgement,
  type RunProgress,
  run,
  runComparison,
  runProgress as runProgressSchema,
  runResult as runResultSchema,
  runTask,
  scoredCrop,
  sweepInput,
  sweepResult as sweepResultSchema,
  taskInput,
  trainInput,
} from "@/server/schemas/model";
import { cancelRun } from "@/server/services/model/cancel-run";
import { compareRuns } from "@/server/services/model/compare-runs";
import { contradictionsOfRun } from "@/server/services/model/contradictions-of-run";
import { findRuns } from "@/server/services/model/find-runs";
import { findScoredCrops } from "@/server/services/model/find-scored-crops";
import { findTasks } from "@/server/services/model/find-tasks";
import { modelCard } from "@/server/services/model/model-card";
import { queueCompanion } from "@/server/services/model/queue-companion";
import { queueSweep } from "@/server/services/model/queue-sweep";
import { queueTraining } from "@/server/services/model/queue-training";
import { requestJudgedRuns } from "@/server/services/model/request-judged-runs";
import { requestTask } from "@/server/services/model/request-task";
import { resumeRun } from "@/server/services/model/resume-run";
import { runResult } from "@/server/services/model/run-result";

import { sweepResult } from "@/server/services/model/sweep-result";
import { viewRun } from "@/server/services/model/view-run";
import { withMissingFiles } from "@/server/services/model/with-missing-files";
import { studyProtocol } from "@/server/services/study/study-protocol";

/** Milliseconds between two looks at the progress rows of a live run. */
const progressInterval = 700;

const runInput = z.object({ runId: z.uuid() });
const queued = z.object({ runId: z.uuid() });

/** A point of the curves. */
const pointOf = ({ fold, epoch }: RunProgress["metrics"][number]) => `${fold} ${epoch}`;

export const modelRouter = router({
  list: studyProcedure("models.view")
    .output(z.array(run))
    .query(({ ctx }) => ctx.act((tx) => findRuns(tx, ctx.actor))),

  /** The protocol's regimen: what a run is made with unless somebody changes it. */
  regimen: studyProcedure("models.view")
    .output(protocolRegimen)
    .query(({ ctx }) => ctx.act(async (tx) => (await studyProtocol(tx, ctx.actor)).document.network)),

  train: studyProcedure("models.train")
    .input(trainInput)
    .output(queued)
    .mutation(({ ctx, input }) => queueTraining(ctx.actor, input)),

  startSweep: studyProcedure("models.train")
    .input(sweepInput)
    .output(z.object({ sweepId: z.uuid(), runIds: z.array(z.uuid()) }))
    .mutation(({ ctx, input }) => queueSweep(ctx.actor, input)),

  companion: studyProcedure("models.train")
    .input(runInput.extend({ kind: companionKind }))
    .output(queued)
    .mutation(({ ctx, input }) => ctx.act((tx) => queueCompanion(tx, ctx.actor, input))),

  cancel: studyProcedure("models.train")
    .input(runInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => cancelRun(tx, ctx.actor, input))),

  resume: studyProcedure("models.train")
    .input(runInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => resumeRun(tx, ctx.actor, input))),

  result: studyProcedure("models.view")
    .input(runInput)
    .output(z.object({ result: runResultSchema.nullable(), pending: pendingJudgement.nullable() }))
    .query(({ ctx, input }) => ctx.act((tx) => runResult(tx, ctx.actor, input))),

  sweep: studyProcedure("models.view")
    .input(z.object({ sweepId: z.uuid() }))
    .output(sweepResultSchema)
    .query(({ ctx, input }) => ctx.act((tx) => sweepResult(tx, ctx.actor, input))),

  compare: studyProcedure("models.view")
    .input(z.object({ runIds: z.array(z.uuid()).min(1).max(12) }))
    .output(runComparison)
    .query(({ ctx, input }) => ctx.act((tx) => compareRuns(tx, ctx.actor, input))),

  /** Of the images that a run learned or scored: the same picture with opposite truths. */
  contradictions: studyProcedure("models.view")
    .input(runInput)
    .output(z.array(contradiction))
    .query(({ ctx, input }) => ctx.act((tx) => contradictionsOfRun(tx, ctx.actor, input))),

  /** Has figures of runs computed that are pending; what is there or under way is not computed again. */
  compute: studyProcedure("models.view")
    .input(z.object({ runIds: z.array(z.uuid()).min(1).max(100) }))
    .output(z.object({ analysisId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => requestJudgedRuns(tx, ctx.actor, input))),

  card: studyProcedure("models.view")
    .input(runInput)
    .output(
      z.object({
        card: z.object({ name: z.string(), markdown: z.string() }).nullable(),
        pending: pendingJudgement.nullable(),
      }),
    )
    .query(({ ctx, input }) => ctx.act((tx) => modelCard(tx, ctx.actor, { runId: input.runId, locale: ctx.locale }))),

  scoredCrops: studyProcedure("models.view")
    .input(runInput)
    .output(z.array(scoredCrop))
    .query(({ ctx, input }) => ctx.act((tx) => findScoredCrops(tx, ctx.actor, input))),

  requestTask: studyProcedure("models.train")
    .input(taskInput)
    .output(z.object({ taskId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => requestTask(tx, ctx.actor, input))),

  tasks: studyProcedure("models.view")
    .input(runInput)
    .output(z.array(runTask.extend({ fileIsMissing: z.boolean() })))
    .query(async ({ ctx, input }) => withMissingFiles(await ctx.act((tx) => findTasks(tx, ctx.actor, input)))),

  progress: studyProcedure("models.view")
    .input(runInput)
    .output(runProgressSchema)
    .query(({ ctx, input }) => ctx.act((tx) => viewRun(tx, ctx.actor, { ...input, afterLogId: 0 }))),

  /** The progress of a run until it ends, over server-sent events; each event carries what is new of curves and log. */
  live: studyProcedure("models.view")
    .input(runInput)
    .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<RunProgress> {
      const sent = new Set<string>();
      let afterLogId = 0;
      let seen = "";
      while (!signal?.aborted) {
        const progress = await ctx.act((tx) => viewRun(tx, ctx.actor, { ...input, afterLogId }));
        afterLogId = progress.log.at(-1)?.id ?? afterLogId;
        const metrics = progress.metrics.filter((metric) => !sent.has(pointOf(metric)));
        for (const metric of metrics) sent.add(pointOf(metric));
        const now = JSON.stringify([progress.run, sent.size, afterLogId]);
        if (now !== seen) yield { ...progress, metrics };
        seen = now;
        if (progress.run.endedAt) return;
        await wait(progressInterval, undefined, { signal }).catch(() => {});
      }
    }),
});
