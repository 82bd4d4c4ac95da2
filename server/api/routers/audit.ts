import { z } from "zod";
import { listEvents } from "@/server/services/audit/list-events";
import { router, studyProcedure } from "../trpc";

const event = z.object({
  id: z.int(),
  at: z.date(),
  by: z.string(),
  role: z.string(),
  action: z.string(),
  entity: z.string().nullable(),
  entityId: z.string().nullable(),
  reason: z.string().nullable(),
});

export const auditRouter = router({
  list: studyProcedure("audit.view")
    .input(z.object({ before: z.int().nullable() }))
    .output(z.object({ events: z.array(event), next: z.int().nullable() }))
    .query(({ ctx, input }) => ctx.act((tx) => listEvents(tx, ctx.actor, input))),
});
