import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import type { BundleJob } from "@/server/schemas/bundle";
import { bundleProgress } from "@/server/services/bundle/bundle-progress";
import { requestBundle } from "@/server/services/bundle/request-bundle";

/** Milliseconds between two looks at how far it is. */
const progressInterval = 500;

export const bundleRouter = router({
  /** Has the data of the stored comparison made into one file; what is there or under way is not made again. */
  request: studyProcedure("analysis.view")
    .input(z.object({ runId: z.uuid().optional() }))
    .output(z.object({ bundleId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => requestBundle(tx, ctx.actor, input))),

  /** How far it is until it ends, over server-sent events. */
  live: studyProcedure("analysis.view")
    .input(z.object({ bundleId: z.uuid() }))
    .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<BundleJob> {
      let seen = "";
      while (!signal?.aborted) {
        const job = await ctx.act((tx) => bundleProgress(tx, ctx.actor, input));
        const now = JSON.stringify(job);
        if (now !== seen) yield job;
        seen = now;
        if (job.state !== "queued" && job.state !== "running") return;
        await wait(progressInterval, undefined, { signal }).catch(() => {});
      }
    }),
});
