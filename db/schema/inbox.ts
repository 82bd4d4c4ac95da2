import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { z } from "zod";
import { atOnce, by, now, ofSameStudy, oneOfStudy, studyId } from "./columns";
import { exam } from "./enrolment";
import { ofFile } from "./imaging";
import { kept } from "./kept";
import { site } from "./people";
import { may, ofStudy } from "./roles";

const atMySite = sql`${ofStudy} and (site_id = (select nw.site_id()) or (select nw.of_every_site()))`;
/** Rows of what waits where this role works. */
const ofVisibleInbox = sql.raw("study_id = (select nw.study_id()) and inbox_id in (select id from inbox_study)");

/** Images that a site sent over the network and that are of no subject or exam of it yet: they wait for a coordinator, or for the exam to be recorded. Nothing here says whose. */
export const inboxStudy = pgTable(
  "inbox_study",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    siteId: uuid().notNull(),
    /** Hashed Study Instance UID. */
    uid: text().notNull(),
    /** HMAC of whom the images say they are of (`image_instance.patient_digest`): another patient's wait for themselves. */
    patientDigest: text().notNull(),
    createdAt: now(),
  },
  (t) => [
    oneOfStudy("inbox_study", t),
    ofSameStudy("inbox_study_of_site", t, t.siteId, site),
    index("inbox_study_uid").on(t.studyId, t.uid),
    may("select", ["coordinator", "importer"], atMySite),
  ],
);
kept(inboxStudy, { appendOnly: true, untilLock: true, audited: true });

/**
 * Of whom waiting images say they are: told by `nw.inbox()` to coordinators of the site, once it is noted that they look. Nobody looks here. Goes when the images are matched or turned away.
 */
export const inboxIdentity = pgTable(
  "inbox_identity",
  {
    inboxId: uuid().primaryKey(),
    studyId: studyId(),
    /** As DICOM has it, in each of its writings. */
    name: text().notNull(),
    hospitalNumber: text().notNull(),
    /** YYYY-MM-DD; empty where the images do not say. */
    birthDate: text().notNull(),
    studyDate: text().notNull(),
    /** Days by which the dates of the images were moved. */
    days: integer().notNull(),
  },
  (t) => [
    ofSameStudy("inbox_identity_of_study", t, t.inboxId, inboxStudy),
    check("inbox_identity_days", sql`days <> 0`),
  ],
);
kept(inboxIdentity, { forgotten: true });

/** One image that waits, without identity: the file as it is stored. */
export const inboxImage = pgTable(
  "inbox_image",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    inboxId: uuid().notNull(),
    sha256: text().notNull(),
    /** As `image_instance.source_digest`. */
    sourceDigest: text().notNull(),
    /** Why a person has to look at it once it is in an exam. */
    holds: jsonb().$type<("burned_in_flag" | "secondary_capture")[]>().notNull(),
    bytes: bigint({ mode: "number" }).notNull(),
    receivedAt: atOnce(),
  },
  (t) => [
    ofSameStudy("inbox_image_of_study", t, t.inboxId, inboxStudy),
    ofFile("inbox_image_of_file", t, t.sha256),
    unique("inbox_image_source").on(t.inboxId, t.sourceDigest),
    index("inbox_image_file").on(t.studyId, t.sha256),
    may("select", ["coordinator", "importer"], ofVisibleInbox),
    may("insert", ["importer"], ofVisibleInbox),
  ],
);
kept(inboxImage, {
  appendOnly: true,
  untilLock: true,
  documents: { holds: z.array(z.enum(["burned_in_flag", "secondary_capture"])) },
});

/**
 * The exam into which what waits is being put, or was when that broke off: meanwhile it goes into no other, and nobody turns it away. `nw.begin_match()` and `nw.end_match()` alone write
 * here, and nobody looks.
 */
export const inboxMatch = pgTable(
  "inbox_match",
  {
    inboxId: uuid().notNull(),
    /** Drawn by whoever puts it there, who alone ends it. */
    attempt: uuid().notNull().defaultRandom(),
    studyId: studyId(),
    examId: uuid().notNull(),
    begunBy: by(),
    begunAt: now(),
  },
  (t) => [
    primaryKey({ columns: [t.inboxId, t.attempt] }),
    ofSameStudy("inbox_match_of_study", t, t.inboxId, inboxStudy),
    ofSameStudy("inbox_match_of_exam", t, t.examId, exam),
  ],
);
kept(inboxMatch, { forgotten: true });

/** What became of what waited: it is in an exam, or a person turned it away. */
export const inboxOutcome = pgTable(
  "inbox_outcome",
  {
    inboxId: uuid().primaryKey(),
    studyId: studyId(),
    outcome: text({ enum: ["matched", "turned_away"] }).notNull(),
    examId: uuid(),
    /** Why it was turned away. */
    reason: text(),
    decidedBy: by(),
    decidedAt: atOnce(),
  },
  (t) => [
    ofSameStudy("inbox_outcome_of_study", t, t.inboxId, inboxStudy),
    ofSameStudy("inbox_outcome_of_exam", t, t.examId, exam),
    check("inbox_outcome_known", sql`outcome in ('matched', 'turned_away')`),
    check("inbox_outcome_exam", sql`(exam_id is not null) = (outcome = 'matched')`),
    check("inbox_outcome_reason", sql`(length(trim(reason)) > 0) is true = (outcome = 'turned_away')`),
    may("select", ["coordinator", "importer"], ofVisibleInbox),
    may("insert", ["coordinator", "importer"], ofVisibleInbox),
  ],
);
kept(inboxOutcome, { appendOnly: true, audited: true });
