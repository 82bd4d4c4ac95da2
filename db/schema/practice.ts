import { sql } from "drizzle-orm";
import {
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { atOnce, by, now, ofSameStudy, oneOfStudy, studyId, transaction } from "./columns";
import { ofFile } from "./imaging";
import { kept } from "./kept";
import { membership } from "./people";
import { protocolVersion } from "./protocol";
import { call } from "./reading";
import { may, ofStudy } from "./roles";

/**
 * A training case (reader calibration): no patient of the study, with a truth that its reader is told after the read of it. Practice has tables of its own, which
 * nothing of the study has a key to, so that no list, count, snapshot, analysis or bundle holds any of it. Readers work through `db/functions/reading_practice.sql`.
 */
export const practiceCase = pgTable(
  "practice_case",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    /** From 1. Cases come and are replaced as a set: a round goes on with the set that it began with. */
    setNumber: integer().notNull(),
    name: text().notNull(),
    truth: call().notNull(),
    /** Told where the condition shows it; null: not known. */
    shortAxisMm: numeric({ precision: 6, scale: 2, mode: "number" }),
    /** Why it is what it is, shown with the truth. */
    explanation: text(),
    addedBy: by(),
    addedAt: now(),
  },
  (t) => [
    oneOfStudy("practice_case", t),
    unique("practice_case_name").on(t.studyId, t.setNumber, t.name),
    check("practice_case_size", sql`short_axis_mm > 0 and short_axis_mm <= 200`),
    check("practice_case_texts", sql`length(name) between 1 and 120 and length(explanation) between 1 and 2000`),
    may("select", ["principal_investigator", "coordinator", "importer"], ofStudy),
    may("insert", ["importer"], ofStudy),
  ],
);
kept(practiceCase, { appendOnly: true, untilLock: true, audited: true });

/** An image of a training case; `ordinal` is its place from the left, from 1. */
export const practiceImage = pgTable(
  "practice_image",
  {
    caseId: uuid().notNull(),
    studyId: studyId(),
    ordinal: integer().notNull(),
    plane: text().notNull(),
    /** The picture as it is shown with the size, and on the canvas that is shown without (`server/services/imaging/draw-on-canvas.ts`). */
    sha256: text().notNull(),
    canvasSha256: text().notNull(),
    /** Of the shown pixels, as of a crop: no pixels are both. */
    pixelSha256: text().notNull(),
  },
  (t) => [
    primaryKey({ name: "practice_image_place", columns: [t.caseId, t.ordinal] }),
    ofSameStudy("practice_image_of_case", t, t.caseId, practiceCase),
    ofFile("practice_image_of_file", t, t.sha256),
    ofFile("practice_image_of_canvas", t, t.canvasSha256),
    unique("practice_image_plane").on(t.caseId, t.plane),
    index("practice_image_pixels").on(t.studyId, t.pixelSha256),
    may("select", ["principal_investigator", "coordinator", "importer"], ofStudy),
    may("insert", ["importer"], ofStudy),
  ],
);
kept(practiceImage, { appendOnly: true, untilLock: true });

/** One time through the set by a reader, in an order of its own (`nw.practice_slot`); all of them are kept. Begun by `nw.begin_practice()`. */
export const practiceRound = pgTable(
  "practice_round",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    membershipId: uuid().notNull(),
    protocolVersionId: uuid().notNull(),
    conditionKey: text().notNull(),
    /** As its condition: what is shown beside the images. */
    shows: text().array().notNull(),
    /** From 1, of the reader in the condition. */
    number: integer().notNull(),
    setNumber: integer().notNull(),
    /** The share that must be right, as the protocol said when it began. */
    passMark: numeric({ precision: 7, scale: 6, mode: "number" }).notNull(),
    begunAt: atOnce(),
  },
  (t) => [
    oneOfStudy("practice_round", t),
    ofSameStudy("practice_round_of_member", t, t.membershipId, membership),
    ofSameStudy("practice_round_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    unique("practice_round_once").on(t.membershipId, t.conditionKey, t.number),
  ],
);
kept(practiceRound, { appendOnly: true, untilLock: true, audited: true });

/** What a reader said of a training case. Nobody reads it but the functions: how a round ended is all that others are told. */
export const practiceRead = pgTable(
  "practice_read",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    roundId: uuid().notNull(),
    caseId: uuid().notNull(),
    /** criterion key -> present */
    criteria: jsonb().notNull(),
    ruleSetKey: text(),
    proposedCall: call(),
    /** Null where the case was said to be not evaluable: that is no right call. */
    call: call(),
    overrideReason: text(),
    confidence: integer(),
    rating: doublePrecision(),
    notEvaluable: text(),
    activeMs: integer().notNull(),
    idempotencyKey: uuid().notNull().unique(),
    submittedAt: atOnce(),
    transaction: transaction(),
  },
  (t) => [
    ofSameStudy("practice_read_of_round", t, t.roundId, practiceRound),
    ofSameStudy("practice_read_of_case", t, t.caseId, practiceCase),
    unique("practice_read_once").on(t.roundId, t.caseId),
  ],
);
kept(practiceRead, { appendOnly: true, untilLock: true, largest: 16_384 });
