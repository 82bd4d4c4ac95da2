import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { type ReadDisplay, readDisplay } from "@/core/reading/display";
import { at, atOnce, by, now, ofSameStudy, oneOfStudy, studyId, transaction } from "./columns";
import { crop, node } from "./imaging";
import { kept } from "./kept";
import { membership } from "./people";
import { protocolVersion } from "./protocol";
import { afterLock, may, ofStudy } from "./roles";

export const call = pgEnum("call", ["positive", "negative"]);
export const readSource = pgEnum("read_source", ["reader", "imported", "simulated"]);
/** What a reader declares by a signature. Its sentence stays: another sentence is another meaning. */
export const signatureMeaning = pgEnum("signature_meaning", ["alone_size_hidden", "alone_size_shown"]);

/**
 * What is read at once: one image, or images of one node side by side. Its id follows from its crops, so the same crops are the same case; it is made by
 * `nw.make_cases()` only, and never changes.
 */
export const readingCase = pgTable(
  "reading_case",
  {
    id: uuid().primaryKey(),
    studyId: studyId(),
    nodeId: uuid().notNull(),
    createdAt: now(),
  },
  (t) => [
    oneOfStudy("reading_case", t),
    ofSameStudy("reading_case_of_node", t, t.nodeId, node),
    may("select", ["principal_investigator", "data_scientist"], afterLock),
    may("select", ["importer"], ofStudy),
  ],
);
kept(readingCase, { appendOnly: true, untilLock: true });

/** A crop of a case; `ordinal` is its place from the left, from 1. */
export const caseCrop = pgTable(
  "case_crop",
  {
    caseId: uuid().notNull(),
    studyId: studyId(),
    ordinal: integer().notNull(),
    cropId: uuid().notNull(),
  },
  (t) => [
    primaryKey({ name: "case_crop_place", columns: [t.caseId, t.ordinal] }),
    ofSameStudy("case_crop_of_case", t, t.caseId, readingCase),
    ofSameStudy("case_crop_of_crop", t, t.cropId, crop),
    unique("case_crop_once").on(t.cropId, t.caseId),
    may("select", ["principal_investigator", "data_scientist"], afterLock),
    may("select", ["worker"], afterLock),
    may("select", ["importer"], ofStudy),
  ],
);
kept(caseCrop, { appendOnly: true, untilLock: true });

/** The stored schedule of one reader in one condition: seeded, drawn once by `nw.draw_list()`, hashed. */
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
    /** What is shown beside the images (`core/protocol/conditions.ts`). */
    shows: text().array().notNull(),
    /** Days between the end of the conditions before this one and its opening. */
    washOutDays: numeric({ precision: 6, scale: 2, mode: "number" }).notNull(),
    /** What the order was drawn with (`nw.drawn_order`); of lists up to migration 0027, a number of 31 bits. */
    seed: text().notNull(),
    /** SHA-256 of the case ids in reading order, one a line. */
    orderSha256: text().notNull(),
    drawnAt: now(),
  },
  (t) => [
    oneOfStudy("reading_list", t),
    ofSameStudy("reading_list_of_member", t, t.membershipId, membership),
    ofSameStudy("reading_list_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    unique("reading_list_once").on(t.membershipId, t.conditionKey, t.batch),
    may("select", ["importer"], ofStudy),
    // Seed and hash of an order give it away to whoever knows the crops: `nw.drawn_orders()` has them after the lock.
    may("select", ["coordinator", "principal_investigator", "monitor", "administrator"], ofStudy, [
      t.id,
      t.studyId,
      t.membershipId,
      t.protocolVersionId,
      t.conditionKey,
      t.conditionOrdinal,
      t.batch,
      t.shows,
      t.washOutDays,
      t.drawnAt,
    ]),
    may("select", ["data_scientist"], afterLock),
    may("insert", ["importer"], ofStudy),
  ],
);
kept(readingList, { appendOnly: true, untilLock: true, audited: true });

/** What a list still lacked is read no more, and why: its reader left, or the reading ended early. What was read of it stays. */
export const readingClosure = pgTable(
  "reading_closure",
  {
    listId: uuid().primaryKey(),
    studyId: studyId(),
    reason: text().notNull(),
    closedBy: by(),
    closedAt: now(),
  },
  (t) => [
    ofSameStudy("reading_closure_of_list", t, t.listId, readingList),
    check("reading_closure_reason", sql`length(trim(reason)) > 0`),
    may("select", ["coordinator", "principal_investigator", "monitor", "administrator", "importer"], ofStudy),
    may("select", ["data_scientist"], afterLock),
    may("insert", ["principal_investigator", "coordinator"], ofStudy),
  ],
);
kept(readingClosure, { appendOnly: true, untilLock: true, audited: true });

/** That a reader was reminded by mail of what is open. */
export const readingReminder = pgTable(
  "reading_reminder",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    membershipId: uuid().notNull(),
    remindedBy: by(),
    remindedAt: now(),
  },
  (t) => [
    ofSameStudy("reading_reminder_of_member", t, t.membershipId, membership),
    index("reading_reminder_member").on(t.membershipId),
    may("select", ["coordinator", "principal_investigator", "monitor"], ofStudy),
    may("insert", ["coordinator", "principal_investigator"], ofStudy),
  ],
);
kept(readingReminder, { appendOnly: true, untilLock: true, audited: true });

/** What came of looking whether a reader's screen shows what the protocol asks for (`core/reading/display-check.ts`); written by `nw.note_display_check()` alone. */
export const displayCheck = pgTable(
  "display_check",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    membershipId: uuid().notNull(),
    /** How many squares of each kind were found. */
    dark: integer().notNull(),
    bright: integer().notNull(),
    /** Of the page, in CSS pixels. */
    width: integer().notNull(),
    height: integer().notNull(),
    /** Pixels of the screen a CSS pixel, in hundredths. */
    pixelRatio: integer().notNull(),
    passed: boolean().notNull(),
    checkedAt: now(),
  },
  (t) => [
    ofSameStudy("display_check_of_member", t, t.membershipId, membership),
    index("display_check_member").on(t.membershipId),
    check("display_check_found", sql`dark between 0 and 2 and bright between 0 and 2`),
    check(
      "display_check_page",
      sql`width between 1 and 65535 and height between 1 and 65535 and pixel_ratio between 10 and 2000`,
    ),
    may("select", ["coordinator", "principal_investigator", "monitor"], ofStudy),
  ],
);
kept(displayCheck, { appendOnly: true, untilLock: true });

/** One case of a list; its id is the opaque token that the browser of the reader gets. */
export const readingSlot = pgTable(
  "reading_slot",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    listId: uuid().notNull(),
    position: integer().notNull(),
    caseId: uuid().notNull(),
    /** Which time this is: 1, one more in a condition that repeats another, and one more again where the list has the case a second time (`isHiddenRepeat`). */
    occasion: integer().notNull().default(1),
  },
  (t) => [
    oneOfStudy("reading_slot", t),
    ofSameStudy("reading_slot_of_list", t, t.listId, readingList),
    ofSameStudy("reading_slot_of_case", t, t.caseId, readingCase),
    unique("reading_slot_position").on(t.listId, t.position),
    unique("reading_slot_once").on(t.listId, t.caseId, t.occasion),
    index("reading_slot_case").on(t.caseId),
    may("select", ["principal_investigator", "data_scientist"], afterLock),
    may("select", ["importer"], ofStudy),
    may("insert", ["importer"], ofStudy),
  ],
);
kept(readingSlot, { appendOnly: true, untilLock: true });

/** That a case was shown, and the hash of what the page held. Written by `nw.open_case()`, and with the read of the case before it, before the case is handed out. */
export const readingView = pgTable(
  "reading_view",
  {
    slotId: uuid().notNull(),
    studyId: studyId(),
    /** 1, and one more each time that a read of it is to be corrected. */
    showing: integer().notNull().default(1),
    shownSha256: text().notNull(),
    /** How the images were drawn anew (`server/services/reading/rendering.ts`); null: handed out as they are stored. */
    rendering: text(),
    firstShownAt: atOnce(),
    transaction: transaction(),
  },
  (t) => [
    primaryKey({ name: "reading_view_showing", columns: [t.slotId, t.showing] }),
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
    transaction: transaction(),
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

/**
 * One submitted read. Never updated: a correction is a new row that supersedes it (`nw.current_read` has those that count). Readers work through
 * `nw.submit_answer()`, `nw.submit_read()` and `nw.correct_read()` and cannot select from here.
 */
export const read = pgTable(
  "read",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    caseId: uuid().notNull(),
    readerCode: text().notNull(),
    conditionKey: text().notNull(),
    occasion: integer().notNull().default(1),
    /** The place in the schedule; none for reads made outside and imported. */
    slotId: uuid(),
    /** criterion key -> present */
    criteria: jsonb().notNull(),
    ruleSetKey: text(),
    proposedCall: call(),
    /** Null where the case was not evaluable. */
    call: call(),
    overrideReason: text(),
    /** 0-100 */
    confidence: integer(),
    /** On the scale of the protocol (`form.rating`). */
    rating: doublePrecision(),
    /** Why the reader could not judge the case: a reason of the protocol's, or the reader's words. */
    notEvaluable: text(),
    activeMs: integer(),
    /** How the case was looked at; null: imported, or submitted before that was kept. */
    display: jsonb().$type<ReadDisplay>(),
    shownSha256: text(),
    protocolVersionId: uuid().notNull(),
    source: readSource().notNull(),
    idempotencyKey: uuid().notNull().unique(),
    submittedAt: atOnce(),
    supersedes: uuid(),
    correctionReason: text(),
  },
  (t) => [
    ofSameStudy("read_of_case", t, t.caseId, readingCase),
    ofSameStudy("read_of_slot", t, t.slotId, readingSlot),
    ofSameStudy("read_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    uniqueIndex("read_first")
      .on(t.studyId, t.readerCode, t.conditionKey, t.caseId, t.occasion)
      .where(sql`supersedes is null`),
    uniqueIndex("read_slot").on(t.slotId).where(sql`supersedes is null and slot_id is not null`),
    // With its corrections.
    index("read_of_place").on(t.slotId).where(sql`slot_id is not null`),
    // A correction is of the same reader, condition, case and occasion, and from the same source: no import corrects what a reader submitted here.
    unique("read_to_correct").on(t.id, t.studyId, t.readerCode, t.conditionKey, t.caseId, t.occasion, t.source),
    foreignKey({
      name: "read_corrects",
      columns: [t.supersedes, t.studyId, t.readerCode, t.conditionKey, t.caseId, t.occasion, t.source],
      foreignColumns: [t.id, t.studyId, t.readerCode, t.conditionKey, t.caseId, t.occasion, t.source],
    }),
    uniqueIndex("read_corrected_once").on(t.supersedes).where(sql`supersedes is not null`),
    check(
      "read_correction_has_reason",
      sql`(supersedes is null) = (correction_reason is null) and coalesce(length(trim(correction_reason)) > 0, true)`,
    ),
    check("read_confidence", sql`confidence between 0 and 100`),
    check("read_rating", sql`rating between -1000000 and 1000000`),
    check("read_display", sql`display is null or source = 'reader' and octet_length(display::text) <= 500`),
    check("read_call_or_reason", sql`(call is null) = (not_evaluable is not null)`),
    check(
      "read_not_evaluable",
      sql`not_evaluable is null or length(trim(not_evaluable)) between 1 and 500 and num_nonnulls(confidence, rating, proposed_call, override_reason) = 0`,
    ),
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
kept(read, { appendOnly: true, untilLock: true, audited: true, largest: 16_384, documents: { display: readDisplay } });

/**
 * That a reader signed the reads of a list, with the password, as they stood then. Written by `nw.sign_reads()` alone, which computes the hash. Another one of the
 * same list is signed after a correction.
 */
export const readSignature = pgTable(
  "read_signature",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    listId: uuid().notNull(),
    /** How many. */
    reads: integer().notNull(),
    /** SHA-256 over them, in reading order (`nw.reads_to_sign()`). */
    readsSha256: text().notNull(),
    meaning: signatureMeaning().notNull(),
    /** Under which they were made. */
    protocolVersionId: uuid().notNull(),
    /** As it was written then. */
    signedName: text().notNull(),
    signedBy: by(),
    signedAt: atOnce(),
  },
  (t) => [
    ofSameStudy("read_signature_of_list", t, t.listId, readingList),
    ofSameStudy("read_signature_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    unique("read_signature_once").on(t.listId, t.readsSha256),
    may("select", ["coordinator", "principal_investigator", "monitor", "importer"], ofStudy),
  ],
);
kept(readSignature, { appendOnly: true, untilLock: true, audited: true });

/**
 * That the principal investigator opened a list before its wash-out was over, with the password and the reason: a deviation from the protocol. Written by
 * `nw.override_wash_out()` alone. It holds until the moment that it names: what is read elsewhere meanwhile may close the list anew.
 */
export const washOutOverride = pgTable(
  "wash_out_override",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    listId: uuid().notNull(),
    /** When the list would have opened by itself. */
    opensAt: at().notNull(),
    /** The wash-out that was asked for. */
    washOutDays: numeric({ precision: 6, scale: 2, mode: "number" }).notNull(),
    reason: text().notNull(),
    /** As it was written then. */
    signedName: text().notNull(),
    signedBy: by(),
    signedAt: atOnce(),
  },
  (t) => [
    ofSameStudy("wash_out_override_of_list", t, t.listId, readingList),
    unique("wash_out_override_once").on(t.listId, t.opensAt),
    check("wash_out_override_in_words", sql`length(trim(reason)) > 0`),
    check("wash_out_override_before", sql`signed_at < opens_at`),
    may("select", ["coordinator", "principal_investigator", "monitor", "importer"], ofStudy),
  ],
);
kept(washOutOverride, { appendOnly: true, untilLock: true, audited: true });
