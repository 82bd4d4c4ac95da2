import { sql } from "drizzle-orm";
import { date, index, integer, jsonb, pgEnum, pgTable, text, timestamp, unique, uuid } from "drizzle-orm/pg-core";
import { person, site, study } from "./people";
import { protocolVersion } from "./protocol";
import { afterLock, may, ofStudy, ofVisibleSubject } from "./roles";

export const subjectStatus = pgEnum("subject_status", ["screening", "screen_failure", "eligible", "enrolled"]);
export const sex = pgEnum("sex", ["male", "female"]);

const studyId = () =>
  uuid()
    .notNull()
    .references(() => study.id);
const subjectId = () =>
  uuid()
    .notNull()
    .references(() => subject.id);
const by = () =>
  uuid()
    .notNull()
    .references(() => person.id)
    .default(sql`nw.person_id()`);
const now = () => timestamp({ withTimezone: true }).notNull().defaultNow();

const atMySite = sql`${ofStudy} and (site_id = (select nw.site_id()) or (select nw.site_id()) is null)`;

/** A screened patient, by number; nothing here says who it is. */
export const subject = pgTable(
  "subject",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    siteId: uuid().references(() => site.id),
    number: text().notNull(),
    status: subjectStatus().notNull().default("screening"),
    createdBy: by(),
    createdAt: now(),
    enrolledAt: timestamp({ withTimezone: true }),
  },
  (t) => [
    unique("subject_number").on(t.studyId, t.number),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor"], atMySite),
    may("select", ["principal_investigator", "importer"], ofStudy),
    may("select", ["data_scientist"], afterLock),
    may("select", ["worker"], afterLock),
    may("insert", ["coordinator", "importer"], atMySite),
    may("update", ["coordinator", "importer"], atMySite),
  ],
);

/** Who the subject is: seen by coordinator, pathologist and monitor of the site, and by nobody else. */
export const subjectIdentity = pgTable(
  "subject_identity",
  {
    subjectId: uuid()
      .primaryKey()
      .references(() => subject.id),
    studyId: studyId(),
    name: text().notNull(),
    hospitalNumber: text().notNull(),
    createdBy: by(),
    createdAt: now(),
  },
  () => [
    may("select", ["coordinator", "pathologist", "monitor"], ofVisibleSubject),
    may("insert", ["coordinator"], ofVisibleSubject),
  ],
);

const clinicalSelect = () => [
  may(
    "select",
    ["coordinator", "locating_radiologist", "monitor", "principal_investigator", "importer"],
    ofVisibleSubject,
  ),
  may("select", ["data_scientist"], afterLock),
  may("insert", ["coordinator", "importer"], ofVisibleSubject),
];

/** One screening of a subject against the criteria of a protocol version, as answered; a re-assessment is a new row. */
export const eligibilityAssessment = pgTable(
  "eligibility_assessment",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: subjectId(),
    protocolVersionId: uuid()
      .notNull()
      .references(() => protocolVersion.id),
    /** criterion key -> met | not_met | unknown */
    answers: jsonb().notNull(),
    verdict: text({ enum: ["eligible", "ineligible", "undecided"] }).notNull(),
    reasons: jsonb().notNull(),
    assessedBy: by(),
    assessedAt: now(),
  },
  (t) => [index("eligibility_assessment_subject").on(t.subjectId), ...clinicalSelect()],
);

export const consent = pgTable(
  "consent",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: subjectId(),
    signedOn: date().notNull(),
    formVersion: text().notNull(),
    recordedBy: by(),
    recordedAt: now(),
  },
  () => clinicalSelect(),
);

/** Sex, age at MRI in years and clinical T stage. A correction is a new row; the newest counts. */
export const baseline = pgTable(
  "baseline",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: subjectId(),
    sex: sex(),
    ageYears: integer(),
    tStage: text(),
    recordedBy: by(),
    recordedAt: now(),
  },
  (t) => [index("baseline_subject").on(t.subjectId), ...clinicalSelect()],
);

export const exam = pgTable(
  "exam",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: subjectId(),
    performedOn: date().notNull(),
    scanner: text().notNull(),
    recordedBy: by(),
    recordedAt: now(),
  },
  (t) => [
    index("exam_subject").on(t.subjectId),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor", "importer"], ofVisibleSubject),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["coordinator", "importer"], ofVisibleSubject),
  ],
);
