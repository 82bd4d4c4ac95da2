import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import { byNumber } from "@/server/schemas/enrolment";
import {
  addedMeasured,
  addMeasuredInput,
  blackOutInput,
  cutInput,
  cutOutput,
  decideInput,
  examsView,
  examTimeInput,
  examTimeOutput,
  heldImages,
  measuredSize,
  measureInput,
  qualityInput,
  sizeAgreement,
  subjectTimesView,
  tellingCrops,
} from "@/server/schemas/series";
import { addExamTime } from "@/server/services/series/add-exam-time";
import { addMeasuredNode } from "@/server/services/series/add-measured-node";
import { agreeOnSizes } from "@/server/services/series/agree-on-sizes";
import { beginUpload } from "@/server/services/series/begin-upload";
import { blackOutImage } from "@/server/services/series/black-out-image";
import { cutCrop } from "@/server/services/series/cut-crop";
import { decideHold } from "@/server/services/series/decide-hold";
import { judgeQuality } from "@/server/services/series/judge-quality";
import { listHeld } from "@/server/services/series/list-held";
import { listSeries } from "@/server/services/series/list-series";
import { listTellingCrops } from "@/server/services/series/list-telling-crops";
import { measureNode } from "@/server/services/series/measure-node";
import { subjectTimes } from "@/server/services/series/subject-times";

export const seriesRouter = router({
  list: studyProcedure("series.view")
    .input(byNumber)
    .output(examsView)
    .query(({ ctx, input }) => ctx.act((tx) => listSeries(tx, ctx.actor, input))),

  beginUpload: studyProcedure("series.bring")
    .input(z.object({ examId: z.uuid() }))
    .output(z.object({ uploadId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => beginUpload(tx, ctx.actor, { ...input, source: "browser" }))),

  /** Images that wait for a person, and what became of others. */
  held: studyProcedure("series.bring")
    .output(heldImages)
    .query(({ ctx }) => ctx.act((tx) => listHeld(tx, ctx.actor))),

  /** Crops of images that came to be held, or were blacked out, since they were cut. */
  tellingCrops: studyProcedure("series.bring")
    .output(tellingCrops)
    .query(({ ctx }) => ctx.act((tx) => listTellingCrops(tx, ctx.actor))),

  decide: studyProcedure("series.bring")
    .input(decideInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => decideHold(tx, ctx.actor, input))),

  blackOut: studyProcedure("series.bring")
    .input(blackOutInput)
    .mutation(({ ctx, input }) => blackOutImage(ctx.actor, input)),

  measure: studyProcedure("imaging.edit")
    .input(measureInput)
    .output(measuredSize)
    .mutation(({ ctx, input }) => ctx.act((tx) => measureNode(tx, ctx.actor, input))),

  /** A node that is new, with its size. */
  addMeasured: studyProcedure("imaging.edit")
    .input(addMeasuredInput)
    .output(addedMeasured)
    .mutation(({ ctx, input }) => ctx.act((tx) => addMeasuredNode(tx, ctx.actor, input))),

  cut: studyProcedure("imaging.edit")
    .input(cutInput)
    .output(cutOutput)
    .mutation(({ ctx, input }) => cutCrop(ctx.actor, input)),

  /** How far sizes lie apart that were measured twice. */
  agreement: studyProcedure("series.view")
    .output(sizeAgreement)
    .query(({ ctx }) => ctx.act((tx) => agreeOnSizes(tx, ctx.actor))),

  addTime: studyProcedure("imaging.edit")
    .input(examTimeInput)
    .output(examTimeOutput)
    .mutation(({ ctx, input }) => ctx.act((tx) => addExamTime(tx, ctx.actor, input))),

  /** For how long the exams of each subject were worked on. */
  times: studyProcedure("series.view")
    .output(subjectTimesView)
    .query(({ ctx }) => ctx.act((tx) => subjectTimes(tx, ctx.actor))),

  judgeQuality: studyProcedure("imaging.edit")
    .input(qualityInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => judgeQuality(tx, ctx.actor, input))),
});
