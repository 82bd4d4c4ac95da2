import { z } from "zod";

/** Most entries of a record that is by criterion or item: more than the longest protocol that is read has of either. */
export const mostOfProtocol = 500;

const entriesOf = (given: unknown): number =>
  typeof given === "object" && given !== null ? Object.keys(given).length : 0;

/** A record, of which the entries are counted before any is looked at, as zod does of a list: each one that is wrong costs its sentence. */
export const few = <Out, In>(most: number, schema: z.ZodType<Out, In>) =>
  z
    .custom<In>((given) => entriesOf(given) <= most, {
      error: "fields.entries_most",
      params: { maximum: most },
      abort: true,
    })
    .pipe(schema);
