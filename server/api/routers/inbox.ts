import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import { inboxView, matchInput, matchOutput, turnAwayInput } from "@/server/schemas/inbox";
import { countInbox } from "@/server/services/inbox/count-inbox";
import { listInbox } from "@/server/services/inbox/list-inbox";
import { matchInbox } from "@/server/services/inbox/match-inbox";
import { turnAwayInbox } from "@/server/services/inbox/turn-away-inbox";

export const inboxRouter = router({
  list: studyProcedure("series.bring")
    .output(inboxView)
    .query(({ ctx }) => listInbox(ctx.actor)),

  count: studyProcedure("series.bring")
    .output(z.int())
    .query(({ ctx }) => ctx.act((tx) => countInbox(tx, ctx.actor))),

  match: studyProcedure("series.bring")
    .input(matchInput)
    .output(matchOutput)
    .mutation(({ ctx, input }) => matchInbox(ctx.actor, { ...input, by: "person" })),

  turnAway: studyProcedure("series.bring")
    .input(turnAwayInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => turnAwayInbox(tx, ctx.actor, input))),
});
