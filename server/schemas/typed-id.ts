import { z } from "zod";
import { tidyId } from "@/core/ids";
import { oneLine } from "@/core/text/characters";

/** How much longer an id may be as it was typed: letters in parts, blanks at the ends. */
const typedBeyond = 4;

/**
 * What names somebody or something: the same however it was typed. Its length is looked at before it is made so, which takes long for a letter with
 * thousands of accents.
 */
export const typedId = (longest: number, tooLong = "fields.characters_most") =>
  z
    .string()
    .refine((text) => text.length <= typedBeyond * longest, {
      error: tooLong,
      params: { maximum: longest },
      abort: true,
    })
    .check(oneLine)
    .transform(tidyId)
    .pipe(z.string().max(longest, tooLong));
