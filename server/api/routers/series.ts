import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import { byNumber } from "@/server/schemas/enrolment";
import { examsView, uploadReport } from "@/server/schemas/series";
import { beginUpload } from "@/server/services/series/begin-upload";
import { listSeries } from "@/server/services/series/list-series";
import { reportUpload } from "@/server/services/series/report-upload";

export const seriesRouter = router({
  list: studyProcedure("series.view")
    .input(byNumber)
    .output(examsView)
    .query(({ ctx, input }) => ctx.act((tx) => listSeries(tx, ctx.actor, input))),

  beginUpload: studyProcedure("series.bring")
    .input(z.object({ examId: z.uuid() }))
    .output(z.object({ uploadId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => beginUpload(tx, ctx.actor, { ...input, source: "browser" }))),

  uploaded: studyProcedure("series.view")
    .input(z.object({ uploadId: z.uuid() }))
    .output(uploadReport)
    .query(({ ctx, input }) => ctx.act((tx) => reportUpload(tx, ctx.actor, input))),
});
