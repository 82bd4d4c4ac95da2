import { z } from "zod";
import { contradiction } from "@/server/schemas/leakage";
import { pathologyNode, reportNodeInput } from "@/server/schemas/pathology";
import { findContradictions } from "@/server/services/imaging/find-contradictions";
import { listWorklist } from "@/server/services/pathology/list-worklist";
import { reportNode } from "@/server/services/pathology/report-node";
import { router, studyProcedure } from "../trpc";

export const pathologyRouter = router({
  worklist: studyProcedure("pathology.view")
    .output(z.array(pathologyNode))
    .query(({ ctx }) => ctx.act((tx) => listWorklist(tx, ctx.actor))),

  contradictions: studyProcedure("pathology.view")
    .output(z.array(contradiction))
    .query(({ ctx }) => ctx.act((tx) => findContradictions(tx, ctx.actor))),

  report: studyProcedure("pathology.edit")
    .input(reportNodeInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => reportNode(tx, ctx.actor, input))),
});
