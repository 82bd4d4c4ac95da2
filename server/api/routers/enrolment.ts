import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import {
  byNumber,
  enrolInput,
  flowDiagram as flowSchema,
  enrolmentForm as formSchema,
  reassessInput,
  recordValuesInput,
  screenInput,
  subjectDetail,
  subjectIdentity,
  subjectTable as tableSchema,
  withdrawInput,
} from "@/server/schemas/enrolment";
import { enrolSubject } from "@/server/services/enrolment/enrol-subject";
import { enrolmentForm } from "@/server/services/enrolment/enrolment-form";
import { flowDiagram } from "@/server/services/enrolment/flow-diagram";
import { reassessSubject } from "@/server/services/enrolment/reassess-subject";
import { recordValues } from "@/server/services/enrolment/record-values";
import { screenSubject } from "@/server/services/enrolment/screen-subject";
import { subjectByNumber } from "@/server/services/enrolment/subject-by-number";
import { subjectTable } from "@/server/services/enrolment/subject-table";
import { viewIdentity } from "@/server/services/enrolment/view-identity";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";

const verdict = z.enum(["eligible", "ineligible", "undecided"]);

export const enrolmentRouter = router({
  list: studyProcedure("enrolment.view")
    .output(tableSchema)
    .query(({ ctx }) => ctx.act((tx) => subjectTable(tx, ctx.actor))),

  form: studyProcedure("enrolment.edit")
    .output(formSchema)
    .query(({ ctx }) => ctx.act((tx) => enrolmentForm(tx, ctx.actor))),

  subject: studyProcedure("enrolment.view")
    .input(byNumber)
    .output(subjectDetail)
    .query(({ ctx, input }) => ctx.act((tx) => subjectByNumber(tx, ctx.actor, input))),

  identity: studyProcedure("identity.view")
    .input(byNumber)
    .output(subjectIdentity)
    .mutation(({ ctx, input }) => viewIdentity(ctx.actor, input)),

  flow: studyProcedure("enrolment.view")
    .output(flowSchema)
    .query(({ ctx }) =>
      ctx.act((tx) =>
        flowDiagram(tx, ctx.actor, { locked: ctx.study.state === "locked" && ctx.actor.role !== "coordinator" }),
      ),
    ),

  screen: studyProcedure("enrolment.edit")
    .input(screenInput)
    .output(z.object({ number: z.string(), verdict }))
    .mutation(({ ctx, input }) => ctx.act((tx) => screenSubject(tx, ctx.actor, input))),

  reassess: studyProcedure("enrolment.edit")
    .input(reassessInput)
    .output(z.object({ verdict }))
    .mutation(({ ctx, input }) => ctx.act((tx) => reassessSubject(tx, ctx.actor, input))),

  recordValues: studyProcedure("enrolment.edit")
    .input(recordValuesInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => recordValues(tx, ctx.actor, input))),

  enrol: studyProcedure("enrolment.edit")
    .input(enrolInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => enrolSubject(tx, ctx.actor, input))),

  /** That a subject withdrew, and how far. */
  withdraw: studyProcedure("enrolment.edit")
    .input(withdrawInput)
    .output(z.object({ deleted: z.int() }))
    .mutation(({ ctx, input }) => withdrawConsent(ctx.actor, input)),
});
