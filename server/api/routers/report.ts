import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import { untilEnded } from "@/server/api/until-ended";
import { reportJob } from "@/server/schemas/report";
import { findReport } from "@/server/services/report/find-report";
import { newestReport } from "@/server/services/report/newest-report";
import { requestReport } from "@/server/services/report/request-report";

export const reportRouter = router({
  /** The newest report of a comparison in the language of the page, or how far it is. */
  newest: studyProcedure("analysis.view")
    .input(z.object({ analysisId: z.uuid() }))
    .output(reportJob.nullable())
    .query(({ ctx, input }) => ctx.act((tx) => newestReport(tx, ctx.actor, input))),

  /** Has the paper made, in the language of the page. `runId`: another run than the newest that speaks for the network. */
  make: studyProcedure("analysis.view")
    .input(z.object({ runId: z.uuid().optional() }))
    .output(z.object({ reportId: z.uuid() }))
    .mutation(({ ctx, input }) =>
      ctx.act((tx) => requestReport(tx, ctx.actor, { ...input, language: ctx.actor.locale ?? "en" })),
    ),

  /** How far a report is until it ends, over server-sent events. */
  live: studyProcedure("analysis.view")
    .input(z.object({ reportId: z.uuid() }))
    .subscription(({ ctx, input, signal }) =>
      untilEnded(signal, () => ctx.act((tx) => findReport(tx, ctx.actor, input))),
    ),
});
