import { z } from "zod";
import { oneLine } from "@/core/text/characters";
import { AppError } from "@/server/errors";
import { studyProcedure } from "./trpc";

/** What a reader asks for from a page that may be another's by now, who signed in beside it: nobody but its reader is answered, or the read would be another's. */
export const readerProcedure = studyProcedure("reading.read")
  .input(z.object({ reader: z.string().max(320).check(oneLine).optional() }))
  .use(({ ctx, input, next }) => {
    if (input.reader !== undefined && input.reader !== ctx.person.email)
      throw new AppError("not_signed_in", { key: "errors.sign_in_first" });
    return next();
  });
