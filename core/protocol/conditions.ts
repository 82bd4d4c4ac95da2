import { z } from "zod";
import { key, text } from "./text";

/** What a reader can be shown beside the image. A new member needs a column of the list, a place in the case and one on the page. */
export const shown = z.enum(["size"]);

/** One pass of every reader over the cases. */
export const condition = z.strictObject({
  key,
  label: text,
  /** What the reader sees beside the image; empty: nothing. */
  shows: z.array(shown),
  /** Days between the end of the condition before and the opening of this one. */
  washOutDays: z.number().min(0).max(3650),
  /** How the cases were imaged for this pass, e.g. FFDM, or a sequence; left out: as for every other. */
  modality: z.string().trim().min(1).max(60).optional(),
  /** The earlier condition that is read once more, for agreement of a reader with herself. */
  repeats: key.optional(),
});
