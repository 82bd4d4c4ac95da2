import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { type RunProgress, run, runProgress as runProgressSchema, trainInput } from "@/server/schemas/model";
import { cancelRun } from "@/server/services/model/cancel-run";
import { findRuns, runProgress } from "@/server/services/model/find-runs";
import { queueTraining } from "@/server/services/model/queue-training";
import { router, studyProcedure } from "../trpc";

/** Milliseconds between two looks at the progress rows of a live run. */
const progressInterval = 700;

const runInput = z.object({ runId: z.uuid() });

export const modelRouter = router({
  list: studyProcedure("models.view")
    .output(z.array(run))
    .query(({ ctx }) => ctx.act((tx) => findRuns(tx, ctx.actor))),

  train: studyProcedure("models.train")
    .input(trainInput)
    .output(z.object({ runId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => queueTraining(tx, ctx.actor, input))),

  cancel: studyProcedure("models.train")
    .input(runInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => cancelRun(tx, ctx.actor, input))),

  progress: studyProcedure("models.view")
    .input(runInput)
    .output(runProgressSchema)
    .query(({ ctx, input }) => ctx.act((tx) => runProgress(tx, ctx.actor, { ...input, afterLogId: 0 }))),

  /** The progress of a run until it ends, over server-sent events; each event carries all curves and the new log lines. */
  live: studyProcedure("models.view")
    .input(runInput)
    .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<RunProgress> {
      let afterLogId = 0;
      let seen = "";
      while (!signal?.aborted) {
        const progress = await ctx.act((tx) => runProgress(tx, ctx.actor, { ...input, afterLogId }));
        afterLogId = progress.log.at(-1)?.id ?? afterLogId;
        const now = JSON.stringify([progress.run, progress.metrics.length, afterLogId]);
        if (now !== seen) yield progress;
        seen = now;
        if (progress.run.endedAt) return;
        await wait(progressInterval, undefined, { signal }).catch(() => {});
      }
    }),
});
