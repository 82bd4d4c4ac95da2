import { z } from "zod";
import { env } from "@/server/env";
import { studyRole } from "@/server/schemas/study";
import { demonstrationAccounts } from "@/server/services/demonstration/accounts";
import { personProcedure, publicProcedure, router } from "../trpc";

export const personRouter = router({
  /** What the sign-in page needs before anybody is signed in. */
  door: publicProcedure
    .output(
      z.object({
        signedIn: z.boolean(),
        demonstration: z.array(
          z.object({ email: z.string(), roles: z.array(studyRole), readerCode: z.string().nullable() }),
        ),
      }),
    )
    .query(({ ctx }) => ({
      signedIn: ctx.person !== null,
      demonstration: env().NODEWISE_DEMONSTRATION
        ? demonstrationAccounts.map(({ email, roles, readerCode }) => ({
            email,
            roles: [...roles],
            readerCode: readerCode ?? null,
          }))
        : [],
    })),

  me: personProcedure
    .output(z.object({ email: z.string(), name: z.string(), mayCreateStudies: z.boolean() }))
    .query(({ ctx }) => ctx.person),
});
