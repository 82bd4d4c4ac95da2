import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { at, now, ofSameStudy, oneOfStudy, studyId } from "./columns";
import { crop } from "./imaging";
import { kept } from "./kept";
import { membership } from "./people";
import { protocolVersion } from "./protocol";
import { afterLock, may, ofStudy } from "./roles";

export const call = pgEnum("call", ["positive", "negative"]);
export const readSource = pgEnum("read_source", ["reader", "imported", "simulated"]);

/** The stored schedule of one reader in one condition: seeded, drawn once, hashed. */
export const readingList = pgTable(
  "reading_list",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    membershipId: uuid().notNull(),
    protocolVersionId: uuid().notNull(),
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
    drawnAt: now(),
  },
  (t) => [
    oneOfStudy("reading_list", t),
    ofSameStudy("reading_list_of_member", t, t.membershipId, membership),
    ofSameStudy("reading_list_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    unique("reading_list_once").on(t.membershipId, t.conditionKey, t.batch),
    may("select", ["coordinator", "principal_investigator", "monitor", "administrator", "importer"], ofStudy),
    may("select", ["data_scientist"], afterLock),
    may("insert", ["principal_investigator", "coordinator", "importer"], ofStudy),
  ],
);
kept(readingList, { appendOnly: true, untilLock: true, audited: true });

/** One case of a list; its id is the opaque token that the browser of the reader gets. */
export const readingSlot = pgTable(
  "reading_slot",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    listId: uuid().notNull(),
    position: integer().notNull(),
    cropId: uuid().notNull(),
  },
  (t) => [
    oneOfStudy("reading_slot", t),
    ofSameStudy("reading_slot_of_list", t, t.listId, readingList),
    ofSameStudy("reading_slot_of_crop", t, t.cropId, crop),
    unique("reading_slot_position").on(t.listId, t.position),
    may("select", ["principal_investigator", "data_scientist"], afterLock),
    may("select", ["importer"], ofStudy),
    may("insert", ["principal_investigator", "coordinator", "importer"], ofStudy),
  ],
);
kept(readingSlot, { appendOnly: true, untilLock: true });

/** That a case was first shown, and the hash of what the page held. Written by `nw.current_case()`. */
export const readingView = pgTable(
  "reading_view",
  {
    slotId: uuid().primaryKey(),
    studyId: studyId(),
    shownSha256: text().notNull(),
    firstShownAt: now(),
  },
  (t) => [
    ofSameStudy("reading_view_of_slot", t, t.slotId, readingSlot),
    may("select", ["principal_investigator", "data_scientist"], afterLock),
  ],
);
kept(readingView, { appendOnly: true, untilLock: true });

/** That a case was read, not what: this is all that anybody sees of a read before the lock. Written by a trigger. */
export const readingProgress = pgTable(
  "reading_progress",
  {
    slotId: uuid().primaryKey(),
    studyId: studyId(),
    listId: uuid().notNull(),
    submittedAt: at().notNull(),
  },
  (t) => [
    ofSameStudy("reading_progress_of_slot", t, t.slotId, readingSlot),
    ofSameStudy("reading_progress_of_list", t, t.listId, readingList),
    index("reading_progress_list").on(t.listId),
    may("select", ["coordinator", "principal_investigator", "monitor", "administrator", "importer"], ofStudy),
    may("select", ["data_scientist"], afterLock),
  ],
);
kept(readingProgress, { appendOnly: true });

/** One submitted read. Never updated; readers submit through `nw.submit_read()` and cannot select from here. */
export const read = pgTable(
  "read",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    cropId: uuid().notNull(),
    readerCode: text().notNull(),
    conditionKey: text().notNull(),
    /** The case of the schedule; none for reads made outside and imported. */
    slotId: uuid(),
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
    protocolVersionId: uuid().notNull(),
    source: readSource().notNull(),
    idempotencyKey: uuid().notNull().unique(),
    submittedAt: now(),
    supersedes: uuid(),
  },
  (t) => [
    oneOfStudy("read", t),
    ofSameStudy("read_of_crop", t, t.cropId, crop),
    ofSameStudy("read_of_slot", t, t.slotId, readingSlot),
    ofSameStudy("read_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    foreignKey({
      name: "read_of_earlier",
      columns: [t.supersedes, t.studyId],
      foreignColumns: [t.id, t.studyId],
    }),
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
kept(read, { appendOnly: true, untilLock: true, audited: true });
