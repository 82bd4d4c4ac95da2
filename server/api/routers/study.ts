import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { plannedContrast } from "@/core/protocol/analysis";
import { plannedReading } from "@/core/protocol/planned-reading";
import { AppError } from "@/server/errors";
import { type Action, permissions, roleFor } from "@/server/permissions";
import {
  createStudyInput,
  type StudyProgress,
  studyFrame,
  studyPlan,
  studyProgress as studyProgressSchema,
  studySummary,
  waitingRole,
} from "@/server/schemas/study";
import { createStudy } from "@/server/services/study/create-study";
import { listStudies } from "@/server/services/study/list-studies";
import { listWaitingRoles } from "@/server/services/study/list-waiting-roles";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { shippedProtocols } from "@/server/services/study/shipped-protocols";
import { studyProgress } from "@/server/services/study/study-progress";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { personProcedure, router, studyProcedure } from "../trpc";

/** Milliseconds between two looks at how far a study is. */
const progressInterval = 1_500;

export const studyRouter = router({
  list: personProcedure.output(z.array(studySummary)).query(({ ctx }) => ctx.act((tx) => listStudies(tx, ctx.person))),

  waitingRoles: personProcedure
    .output(z.array(waitingRole))
    .query(({ ctx }) => ctx.act((tx) => listWaitingRoles(tx, ctx.person))),

  shippedProtocols: personProcedure
    .output(
      z.array(
        z.object({
          key: z.string(),
          title: z.string(),
          version: z.string(),
          sha256: z.string(),
          source: z.string(),
          noWashOut: z.boolean(),
        }),
      ),
    )
    .query(({ ctx }) => shippedProtocols(ctx.locale)),

  create: personProcedure
    .input(createStudyInput)
    .output(z.object({ slug: z.string() }))
    .mutation(async ({ ctx, input }) => {
      if (!ctx.person.mayCreateStudies) throw new AppError("forbidden", { key: "errors.may_not_create" });
      const source = input.source ?? (await shippedProtocol(input.shipped ?? "li-2021")).source;
      return ctx.act((tx) => createStudy(tx, { ...input, source, personId: ctx.person.personId }));
    }),

  frame: studyProcedure("study.view")
    .output(studyFrame)
    .query(async ({ ctx }) => {
      const protocol = await ctx.act((tx) => studyProtocol(tx, ctx.actor));
      const roles = ctx.memberships.map((membership) => membership.role);
      return {
        study: {
          ...ctx.study,
          protocolTitle: protocol.document.title,
          protocolVersion: protocol.version,
          protocolSha256: protocol.sha256,
        },
        planes: protocol.document.planes,
        roles,
        readerCode: ctx.memberships.find((membership) => membership.role === "reader")?.readerCode ?? null,
        actions: (Object.keys(permissions) as Action[]).filter((action) => roleFor(action, roles)),
      };
    }),

  /** What the protocol plans to find out: no record is looked at. */
  plan: studyProcedure("design.view")
    .output(studyPlan)
    .query(async ({ ctx }) => {
      const { document } = await ctx.act((tx) => studyProtocol(tx, ctx.actor));
      return {
        readers: document.readers.length,
        primary: plannedContrast(document.analysis.primary),
        reading: plannedReading(document),
      };
    }),

  /** Numbers alone: what was read and reported nobody learns from them. */
  progress: studyProcedure("reading.progress")
    .output(studyProgressSchema)
    .query(({ ctx }) => ctx.act((tx) => studyProgress(tx, ctx.actor))),

  /** The same whenever it changes, over server-sent events. */
  live: studyProcedure("reading.progress").subscription(async function* ({
    ctx,
    signal,
  }): AsyncGenerator<StudyProgress> {
    let seen = "";
    while (!signal?.aborted) {
      const progress = studyProgressSchema.parse(await ctx.act((tx) => studyProgress(tx, ctx.actor)));
      const now = JSON.stringify(progress);
      if (now !== seen) yield progress;
      seen = now;
      await wait(progressInterval, undefined, { signal }).catch(() => {});
    }
  }),
});
