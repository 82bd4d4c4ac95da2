import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import { sizesShown } from "@/server/schemas/analysis";
import { contradiction } from "@/server/schemas/leakage";
import { listSignature } from "@/server/schemas/reading";
import { lockedPlan, lockInput, missingKey } from "@/server/schemas/study";
import { findContradictions } from "@/server/services/imaging/find-contradictions";
import { lockStudy } from "@/server/services/lock/lock-study";
import { subjectsAlike } from "@/server/services/lock/subjects-alike";
import { listSignatures } from "@/server/services/reading/list-signatures";
import { sizesThatDiffer } from "@/server/services/reading/sizes-that-differ";
import { studyCounts } from "@/server/services/study/study-counts";
import { studyProtocol } from "@/server/services/study/study-protocol";

export const lockRouter = router({
  state: studyProcedure("study.counts")
    .output(
      z.object({
        state: z.string(),
        counts: z.record(z.string(), z.int()),
        missing: z.array(z.object({ key: missingKey, count: z.int() })),
      }),
    )
    .query(async ({ ctx }) => ({ state: ctx.study.state, ...(await ctx.act((tx) => studyCounts(tx, ctx.actor))) })),

  /** The plan of the analysis that a lock signs, in the protocol that counts. */
  plan: studyProcedure("study.lock")
    .output(lockedPlan)
    .query(async ({ ctx }) => {
      const { version, sha256, document } = await ctx.act((tx) => studyProtocol(tx, ctx.actor));
      const { analysis, conditions, planes, regions, ruleSets } = document;
      return { version, sha256, analysis, conditions, planes, regions, ruleSets, lockedBy: ctx.person.name };
    }),

  contradictions: studyProcedure("study.lock")
    .output(z.array(contradiction))
    .query(({ ctx }) => ctx.act((tx) => findContradictions(tx, ctx.actor))),

  /** Pairs of subjects that may be one patient, by number. */
  lookAlikes: studyProcedure("study.lock")
    .output(z.array(z.tuple([z.string(), z.string()])))
    .query(({ ctx }) => ctx.act((tx) => subjectsAlike(tx, ctx.actor))),

  /** Nodes that readers judged by different sizes; before the lock without the sizes. */
  sizes: studyProcedure("study.lock")
    .output(z.array(sizesShown))
    .query(({ ctx }) => ctx.act((tx) => sizesThatDiffer(tx, ctx.actor))),

  /** Lists of which reads were made here, with their signatures, by the labels of their conditions. */
  signatures: studyProcedure("study.lock")
    .output(z.array(listSignature))
    .query(({ ctx }) =>
      ctx.act(async (tx) => {
        const { document } = await studyProtocol(tx, ctx.actor);
        const labels = new Map(document.conditions.map(({ key, label }) => [key, label]));
        return (await listSignatures(tx)).map((each) => ({
          ...each,
          condition: labels.get(each.condition) ?? each.condition,
        }));
      }),
    ),

  lock: studyProcedure("study.lock")
    .input(lockInput)
    .output(z.object({ lockedAt: z.date() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => lockStudy(tx, ctx.actor, input))),
});
