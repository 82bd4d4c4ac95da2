import { z } from "zod";
import { comparison } from "@/server/schemas/analysis";
import { compareStudy } from "@/server/services/analysis/compare-study";
import { runUnderWay } from "@/server/services/analysis/run-under-way";
import { router, studyProcedure } from "../trpc";

export const analysisRouter = router({
  /** Null until there is something to compare; with the training that is under way, if one is. `runId`: another run than the newest that speaks for the network. */
  comparison: studyProcedure("analysis.view")
    .input(z.object({ runId: z.uuid().optional() }))
    .output(z.object({ locked: z.boolean(), runUnderWay: z.uuid().nullable(), comparison: comparison.nullable() }))
    .query(({ ctx, input }) =>
      ctx.act(async (tx) => {
        const locked = ctx.study.state === "locked";
        if (!locked) return { locked, runUnderWay: null, comparison: null };
        const comparison = await compareStudy(tx, ctx.actor, { runId: input.runId });
        return { locked, runUnderWay: await runUnderWay(tx, ctx.actor), comparison };
      }),
    ),
});
