import { z } from "zod";
import { personProcedure, router } from "../trpc";

export const personRouter = router({
  me: personProcedure
    .output(z.object({ email: z.string(), name: z.string(), mayCreateStudies: z.boolean() }))
    .query(({ ctx }) => ctx.person),
});
