import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import { untilEnded } from "@/server/api/until-ended";
import { bundleProgress } from "@/server/services/bundle/bundle-progress";
import { requestBundle } from "@/server/services/bundle/request-bundle";

export const bundleRouter = router({
  /** Has the data of the stored comparison made into one file; what is there or under way is not made again. */
  request: studyProcedure("analysis.view")
    .input(z.object({ runId: z.uuid().optional() }))
    .output(z.object({ bundleId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => requestBundle(tx, ctx.actor, input))),

  /** How far it is until it ends, over server-sent events. */
  live: studyProcedure("analysis.view")
    .input(z.object({ bundleId: z.uuid() }))
    .subscription(({ ctx, input, signal }) =>
      untilEnded(signal, () => ctx.act((tx) => bundleProgress(tx, ctx.actor, input))),
    ),
});
