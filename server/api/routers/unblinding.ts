import { readsAfterUnblinding, recordUnblindingInput, unblindings } from "@/server/schemas/unblinding";
import { listUnblindings } from "@/server/services/unblinding/list-unblindings";
import { findReadsAfterUnblinding } from "@/server/services/unblinding/reads-after-unblinding";
import { recordUnblinding } from "@/server/services/unblinding/record-unblinding";
import { router, studyProcedure } from "../trpc";

export const unblindingRouter = router({
  list: studyProcedure("unblinding.view")
    .output(unblindings)
    .query(({ ctx }) => ctx.act((tx) => listUnblindings(tx, ctx.actor))),

  record: studyProcedure("unblinding.record")
    .input(recordUnblindingInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => recordUnblinding(tx, ctx.actor, input))),

  /** How many reads were made after their reader was told something; none before the lock. */
  reads: studyProcedure("analysis.view")
    .output(readsAfterUnblinding)
    .query(async ({ ctx }) => {
      const { told, patients } = await ctx.act(findReadsAfterUnblinding);
      return { reads: told.size, patients };
    }),
});
