import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import { byNumber } from "@/server/schemas/enrolment";
import { addNodeInput, excludeNodeInput, imagingView, remeasureInput } from "@/server/schemas/imaging";
import { addNode } from "@/server/services/imaging/add-node";
import { excludeNode } from "@/server/services/imaging/exclude-node";
import { listNodes } from "@/server/services/imaging/list-nodes";
import { remeasureNode } from "@/server/services/imaging/remeasure-node";

export const imagingRouter = router({
  list: studyProcedure("imaging.view")
    .input(byNumber.partial())
    .output(imagingView)
    .query(({ ctx, input }) => ctx.act((tx) => listNodes(tx, ctx.actor, input.number ? { number: input.number } : {}))),

  addNode: studyProcedure("imaging.edit")
    .input(addNodeInput)
    .output(z.object({ nodeId: z.uuid(), label: z.string() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => addNode(tx, ctx.actor, input))),

  remeasure: studyProcedure("imaging.edit")
    .input(remeasureInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => remeasureNode(tx, ctx.actor, input))),

  exclude: studyProcedure("imaging.edit")
    .input(excludeNodeInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => excludeNode(tx, ctx.actor, input))),
});
