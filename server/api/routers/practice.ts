import { z } from "zod";
import {
  openPracticeInput,
  type PracticeTurn,
  practiceAnswer,
  practiceInput,
  practiceProgress,
  practiceStanding,
  practiceTurn,
  submitPracticeInput,
} from "@/server/schemas/practice";
import { beginPractice } from "@/server/services/practice/begin-practice";
import { findAnswer } from "@/server/services/practice/find-answer";
import { listPractice } from "@/server/services/practice/list-practice";
import { myPractice } from "@/server/services/practice/my-practice";
import { openPractice } from "@/server/services/practice/open-practice";
import { submitPractice } from "@/server/services/practice/submit-practice";
import { withImages } from "@/server/services/reading/with-images";
import { readerProcedure } from "../reader-procedure";
import { router, studyProcedure } from "../trpc";

type Opened = Awaited<ReturnType<typeof openPractice>>;
async function inTurn({ opened, last, standing }: Opened): Promise<PracticeTurn> {
  const shown = last && (await withImages(last.opened));
  return { case: await withImages(opened), last: last && shown && { case: shown, answer: last.answer }, standing };
}

export const practiceRouter = router({
  mine: studyProcedure("reading.read")
    .output(z.array(practiceStanding))
    .query(({ ctx }) => ctx.act((tx) => myPractice(tx, ctx.actor))),

  /** The practice case whose turn it is, and how the reader stands. A mutation, as `reading.open`: what it gives is kept by no cache. */
  open: readerProcedure
    .input(openPracticeInput)
    .output(practiceTurn)
    .mutation(async ({ ctx, input }) => inTurn(await ctx.act((tx) => openPractice(tx, ctx.actor, input)))),

  /** Begins a round and answers with its first case. */
  begin: readerProcedure
    .input(practiceInput)
    .output(practiceTurn)
    .mutation(async ({ ctx, input }) => {
      await ctx.act((tx) => beginPractice(tx, input.condition));
      return inTurn(await ctx.act((tx) => openPractice(tx, ctx.actor, { condition: input.condition })));
    }),

  /** Submits what the reader says, and answers with what the case is: in a transaction of its own, after that of the read. */
  submit: readerProcedure
    .input(submitPracticeInput)
    .output(practiceAnswer)
    .mutation(async ({ ctx, input }) => {
      await ctx.act((tx) => submitPractice(tx, ctx.actor, input));
      return ctx.act((tx) => findAnswer(tx, input.slotId));
    }),

  progress: studyProcedure("reading.progress")
    .output(practiceProgress)
    .query(({ ctx }) => ctx.act((tx) => listPractice(tx, ctx.actor))),
});
