import superjson, { type SuperJSONResult } from "superjson";
import { z } from "zod";
import { AppError } from "@/server/errors";
import { few } from "@/server/schemas/few";

/** What JSON has no word for and pages send: a field that is left out, and a number that is none. */
const annotation = z.tuple([z.enum(["undefined", "number"])]);

/** Many more than a page sends. */
const mostAnnotations = 1_000;

/** That two values are one object is nothing to us: both are there. */
const sent = z.object({
  json: z.custom<SuperJSONResult["json"]>(),
  meta: z
    .object({
      values: few(mostAnnotations, z.union([annotation, z.record(z.string(), annotation)])).default({}),
      v: z.literal(1),
    })
    .optional(),
});

/** As `superjson`, which would work long and deep on annotations that no page sends: those are refused before anything is made of them. */
export const transformer = {
  input: {
    serialize: superjson.serialize,
    deserialize(payload: unknown) {
      const { success, data } = sent.safeParse(payload);
      if (!success) throw new AppError("invalid", { key: "errors.input_unreadable" });
      // What was sent is nobody else's: a copy of it would take longer than reading it.
      return superjson.deserialize(data, { inPlace: true });
    },
  },
  output: superjson,
};
