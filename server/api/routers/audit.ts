import { z } from "zod";
import { auditPage } from "@/server/schemas/audit";
import { listEvents } from "@/server/services/audit/list-events";
import { router, studyProcedure } from "../trpc";

export const auditRouter = router({
  list: studyProcedure("audit.view")
    .input(z.object({ before: z.int().nullable() }))
    .output(auditPage)
    .query(({ ctx, input }) => ctx.act((tx) => listEvents(tx, ctx.actor, input))),
});
