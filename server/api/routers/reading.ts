import { z } from "zod";
import { displayCheckResult } from "@/core/reading/display-check";
import { sendsMail } from "@/server/mail";
import { roleFor } from "@/server/permissions";
import {
  closeReadingInput,
  correctReadInput,
  displayCheckAsked,
  displayChecks,
  drawn,
  overrideWashOutInput,
  readingCase,
  readingList,
  readingProgress,
  remindReaderInput,
  signReadsInput,
  submitReadInput,
} from "@/server/schemas/reading";
import { closeReading } from "@/server/services/reading/close-reading";
import { correctRead } from "@/server/services/reading/correct-read";
import { displayCheckDue } from "@/server/services/reading/display-check-due";
import { drawSchedules } from "@/server/services/reading/draw-schedules";
import { followingCase } from "@/server/services/reading/following-case";
import { listDisplayChecks } from "@/server/services/reading/list-display-checks";
import { listProgress } from "@/server/services/reading/list-progress";
import { myLists } from "@/server/services/reading/my-lists";
import { noteDisplayCheck } from "@/server/services/reading/note-display-check";
import { openCase } from "@/server/services/reading/open-case";
import { overrideWashOut } from "@/server/services/reading/override-wash-out";
import { remindReader } from "@/server/services/reading/remind-reader";
import { signReads } from "@/server/services/reading/sign-reads";
import { submitRead } from "@/server/services/reading/submit-read";
import { withImages } from "@/server/services/reading/with-images";
import { readerProcedure } from "../reader-procedure";
import { router, studyProcedure } from "../trpc";

export const readingRouter = router({
  mine: studyProcedure("reading.read")
    .output(z.array(readingList))
    .query(({ ctx }) => ctx.act((tx) => myLists(tx, ctx.actor))),

  /** What is asked of the screen before a case is opened; null: nothing now. */
  displayCheckDue: studyProcedure("reading.read")
    .output(displayCheckAsked.nullable())
    .query(({ ctx }) => ctx.act((tx) => displayCheckDue(tx))),

  checkDisplay: readerProcedure
    .input(displayCheckResult)
    .output(z.object({ passed: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => noteDisplayCheck(tx, input))),

  displayChecks: studyProcedure("reading.progress")
    .output(displayChecks)
    .query(({ ctx }) => ctx.act((tx) => listDisplayChecks(tx, ctx.actor))),

  /** The case being read; null when no list is open. A mutation, because it notes that the case was shown. */
  open: readerProcedure
    .output(readingCase.nullable())
    .mutation(async ({ ctx }) => withImages(await openCase(ctx.actor))),

  /** Submits a read and answers with the next case of the same list, or with the key to what was brought ahead of it, in one round trip. Another list is opened by the reader, not by the way. */
  submit: readerProcedure
    .input(submitReadInput)
    .output(readingCase.nullable())
    .mutation(async ({ ctx, input }) => {
      const stored = await ctx.act((tx) => submitRead(tx, ctx.actor, input));
      return withImages(await followingCase(ctx.actor, stored), input.ahead);
    }),

  /** The case read last in the open list, to correct its read; null when there is none. A mutation, because it notes that the case was shown again. */
  openPrevious: readerProcedure
    .output(readingCase.nullable())
    .mutation(async ({ ctx }) => withImages(await openCase(ctx.actor, "previous"))),

  /** Corrects the read submitted last and answers with the case whose turn it is in its list. */
  correct: readerProcedure
    .input(correctReadInput)
    .output(readingCase.nullable())
    .mutation(async ({ ctx, input }) => {
      const stored = await ctx.act((tx) => correctRead(tx, ctx.actor, input));
      return withImages(await followingCase(ctx.actor, stored));
    }),

  /** Signs the reads of a list that is read to its end, with the password. */
  sign: readerProcedure.input(signReadsInput).mutation(({ ctx, input }) => signReads(ctx.actor, ctx.person, input)),

  progress: studyProcedure("reading.progress")
    .output(readingProgress)
    .query(async ({ ctx }) => {
      const roles = ctx.memberships.map(({ role }) => role);
      return {
        ...(await ctx.act((tx) => listProgress(tx, ctx.actor))),
        mayDraw: roleFor("reading.schedule", roles) !== undefined,
        mayOverride: roleFor("reading.overrideWashOut", roles) !== undefined,
        sendsMail: sendsMail(),
        locked: ctx.study.state === "locked",
      };
    }),

  draw: studyProcedure("reading.schedule")
    .output(drawn)
    .mutation(({ ctx }) => ctx.act((tx) => drawSchedules(tx, ctx.actor))),

  /** A list is opened before its wash-out is over, with the password. */
  overrideWashOut: studyProcedure("reading.overrideWashOut")
    .input(overrideWashOutInput)
    .mutation(({ ctx, input }) => overrideWashOut(ctx.actor, ctx.person, input)),

  /** A reader is reminded by mail of what is open. */
  remind: studyProcedure("reading.schedule")
    .input(remindReaderInput)
    .output(z.object({}))
    .mutation(async ({ ctx, input: { readerCode } }) => {
      await ctx.act((tx) => remindReader(tx, ctx.actor, { readerCode, study: ctx.study, locale: ctx.locale }));
      return {};
    }),

  /** What a reader has left to read is read no more. */
  close: studyProcedure("reading.schedule")
    .input(closeReadingInput)
    .output(z.object({ closed: z.int() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => closeReading(tx, ctx.actor, input))),
});
