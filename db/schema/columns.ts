import { sql } from "drizzle-orm";
import { timestamp, uuid } from "drizzle-orm/pg-core";
import { person, study } from "./people";

/** The study that a row belongs to: every table of a study has it, and every key between two of them (`db/CONVENTIONS.md`). */
export const studyId = () =>
  uuid()
    .notNull()
    .references(() => study.id);

/** Who wrote the row, from the signed claim. */
export const by = () =>
  uuid()
    .notNull()
    .references(() => person.id)
    .default(sql`nw.person_id()`);

export const at = () => timestamp({ withTimezone: true });

/** When the row was written: the time of its transaction. */
export const now = () => at().notNull().defaultNow();
