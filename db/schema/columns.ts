import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  customType,
  type ExtraConfigColumn,
  foreignKey,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import type { ItemValue } from "@/core/protocol/values";
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

/** When the row was written, by the clock: a transaction can begin long before, and of two that wait for each other the later one is the newer. */
export const atOnce = () => at().notNull().default(sql`clock_timestamp()`);

/** The transaction that wrote the row: the outermost, whatever savepoints it has. */
export const transaction = () => bigint({ mode: "number" }).notNull().default(sql`txid_current()::bigint`);

/** A number or a text as jsonb. (Drizzle's own jsonb would read the text "1" as a number.) */
export const scalar = customType<{ data: ItemValue; driverData: unknown }>({
  dataType: () => "jsonb",
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => {
    if (typeof value === "number" || typeof value === "string") return value;
    throw new TypeError("The record holds a value that is neither a number nor a text.");
  },
});

type Made = { studyId: ExtraConfigColumn };

/**
 * A key to a row of the same study: the study is part of it, so that no statement of any role ties rows of two studies together.
 * @param name `<table>_of_<what>`
 */
export const ofSameStudy = (
  name: string,
  t: Made,
  column: ExtraConfigColumn,
  target: { id: AnyPgColumn; studyId: AnyPgColumn },
) => foreignKey({ name, columns: [column, t.studyId], foreignColumns: [target.id, target.studyId] });

/** What such a key points at. */
export const oneOfStudy = (table: string, t: Made & { id: ExtraConfigColumn }) =>
  unique(`${table}_and_study`).on(t.id, t.studyId);
