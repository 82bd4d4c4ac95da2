import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import { untilEnded } from "@/server/api/until-ended";
import { analysisJob, sizesShown, storedComparison } from "@/server/schemas/analysis";
import { cases, casesInput } from "@/server/schemas/cases";
import { readsAfterUnblinding } from "@/server/schemas/unblinding";
import { requestComparison } from "@/server/services/analysis/request-comparison";
import { runUnderWay } from "@/server/services/analysis/run-under-way";
import { viewCases } from "@/server/services/analysis/view-cases";
import { viewComparison } from "@/server/services/analysis/view-comparison";
import { analysisProgress } from "@/server/services/computation/analysis-progress";
import { sizesThatDiffer } from "@/server/services/reading/sizes-that-differ";
import { findReadsAfterUnblinding } from "@/server/services/unblinding/reads-after-unblinding";

/** `runId`: another run than the newest that speaks for the network. */
const runInput = z.object({ runId: z.uuid().optional() });

export const analysisRouter = router({
  /** The stored comparison, or how far it is, with the training that is under way, if one is. */
  comparison: studyProcedure("analysis.view")
    .input(runInput)
    .output(
      z.object({
        locked: z.boolean(),
        runUnderWay: z.uuid().nullable(),
        job: analysisJob.nullable(),
        stored: storedComparison.nullable(),
        /** What the readers' figures must not be read without. */
        sizes: z.array(sizesShown),
        after: readsAfterUnblinding,
      }),
    )
    .query(({ ctx, input }) =>
      ctx.act(async (tx) => {
        const locked = ctx.study.state === "locked";
        if (!locked)
          return { locked, runUnderWay: null, job: null, stored: null, sizes: [], after: { reads: 0, patients: 0 } };
        const found = await viewComparison(tx, ctx.actor, input);
        const sizes = await sizesThatDiffer(tx, ctx.actor);
        const { told, patients } = await findReadsAfterUnblinding(tx);
        const after = { reads: told.size, patients };
        return { locked, runUnderWay: await runUnderWay(tx, ctx.actor), ...found, sizes, after };
      }),
    ),

  /** Has the comparison computed; what is there or under way is not computed again. */
  compute: studyProcedure("analysis.view")
    .input(runInput)
    .output(z.object({ analysisId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => requestComparison(tx, ctx.actor, input))),

  /** The same case by case, a page of those that are looked for; null before the lock. */
  cases: studyProcedure("analysis.view")
    .input(casesInput)
    .output(cases.nullable())
    .query(async ({ ctx, input }) =>
      ctx.study.state === "locked" ? ctx.act((tx) => viewCases(tx, ctx.actor, input)) : null,
    ),

  /** How far a computation is until it ends, over server-sent events. */
  live: studyProcedure("analysis.view")
    .input(z.object({ analysisId: z.uuid() }))
    .subscription(({ ctx, input, signal }) =>
      untilEnded(signal, () => ctx.act((tx) => analysisProgress(tx, ctx.actor, input))),
    ),
});
