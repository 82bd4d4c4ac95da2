import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { crop } from "./imaging";
import { membership, study } from "./people";
import { protocolVersion } from "./protocol";
import { afterLock, may, ofStudy } from "./roles";

export const call = pgEnum("call", ["positive", "negative"]);
export const readSource = pgEnum("read_source", ["reader", "imported", "simulated"]);

const studyId = () =>
  uuid()
    .notNull()
    .references(() => study.id);

/** The stored schedule of one reader in one condition: seeded, drawn once, hashed. */
export const readingList = pgTable(
  "reading_list",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    membershipId: uuid()
      .notNull()
      .references(() => membership.id),
    protocolVersionId: uuid()
      .notNull()
      .references(() => protocolVersion.id),
    conditionKey: text().notNull(),
    /** Order of the condition in the protocol, from 0. */
    conditionOrdinal: integer().notNull(),
    /** Nodes that came after the first draw make a further batch. */
    batch: integer().notNull().default(1),
    showsSize: boolean().notNull(),
    /** Days between the end of the conditions before this one and its opening. */
    washOutDays: numeric({ precision: 6, scale: 2, mode: "number" }).notNull(),
    seed: integer().notNull(),
    /** SHA-256 of the crop ids in reading order, one a line. */
    orderSha256: text().notNull(),
    drawnAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    unique("reading_list_once").on(t.membershipId, t.conditionKey, t.batch),
    may("select", ["coordinator", "principal_investigator", "monitor", "administrator", "importer"], ofStudy),
    may("select", ["data_scientist"], afterLock),
    may("insert", ["principal_investigator", "coordinator", "importer"], ofStudy),
  ],
);

/** One case of a list; its id is the opaque token that the browser of the reader gets. */
export const readingSlot = pgTable(
  "reading_slot",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    listId: uuid()
      .notNull()
      .references(() => readingList.id),
    position: integer().notNull(),
    cropId: uuid()
      .notNull()
      .references(() => crop.id),
  },
  (t) => [
    unique("reading_slot_position").on(t.listId, t.position),
    may("select", ["principal_investigator", "data_scientist"], afterLock),
    may("select", ["importer"], ofStudy),
    may("insert", ["principal_investigator", "coordinator", "importer"], ofStudy),
  ],
);

/** That a case was first shown, and the hash of what the page held. Written by `nw.current_case()`. */
export const readingView = pgTable(
  "reading_view",
  {
    slotId: uuid()
      .primaryKey()
      .references(() => readingSlot.id),
    studyId: studyId(),
    shownSha256: text().notNull(),
    firstShownAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  () => [may("select", ["principal_investigator", "data_scientist"], afterLock)],
);

/** That a case was read, not what: this is all that anybody sees of a read before the lock. Written by a trigger. */
export const readingProgress = pgTable(
  "reading_progress",
  {
    slotId: uuid()
      .primaryKey()
      .references(() => readingSlot.id),
    studyId: studyId(),
    listId: uuid()
      .notNull()
      .references(() => readingList.id),
    submittedAt: timestamp({ withTimezone: true }).notNull(),
  },
  (t) => [
    index("reading_progress_list").on(t.listId),
    may("select", ["coordinator", "principal_investigator", "monitor", "administrator", "importer"], ofStudy),
    may("select", ["data_scientist"], afterLock),
  ],
);

/** One submitted read. Never updated; readers submit through `nw.submit_read()` and cannot select from here. */
export const read = pgTable(
  "read",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    cropId: uuid()
      .notNull()
      .references(() => crop.id),
    readerCode: text().notNull(),
    conditionKey: text().notNull(),
    /** The case of the schedule; none for reads made outside and imported. */
    slotId: uuid().references(() => readingSlot.id),
    /** criterion key -> present */
    criteria: jsonb().notNull(),
    ruleSetKey: text(),
    proposedCall: call(),
    call: call().notNull(),
    overrideReason: text(),
    /** 0-100 */
    confidence: integer(),
    activeMs: integer(),
    shownSha256: text(),
    protocolVersionId: uuid()
      .notNull()
      .references(() => protocolVersion.id),
    source: readSource().notNull(),
    idempotencyKey: uuid().notNull().unique(),
    submittedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    supersedes: uuid(),
  },
  (t) => [
    unique("read_once").on(t.studyId, t.readerCode, t.conditionKey, t.cropId),
    unique("read_slot").on(t.slotId),
    check("read_confidence", sql`confidence between 0 and 100`),
    check(
      "read_override_has_reason",
      sql`proposed_call is null or proposed_call = call or coalesce(length(trim(override_reason)), 0) > 0`,
    ),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("select", ["importer"], ofStudy),
    may("select", ["worker"], afterLock),
    may("insert", ["importer"], sql`${ofStudy} and source <> 'reader'`),
  ],
);
