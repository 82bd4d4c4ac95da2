import { router, studyProcedure } from "@/server/api/trpc";
import { passport, passportInput } from "@/server/schemas/passport";
import { viewPassport } from "@/server/services/passport/view-passport";

export const passportRouter = router({
  view: studyProcedure("passport.view")
    .input(passportInput)
    .output(passport)
    .query(({ ctx, input }) => ctx.act((tx) => viewPassport(tx, ctx.actor, input))),
});
