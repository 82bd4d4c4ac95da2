import { sql } from "drizzle-orm";
import { date, index, integer, jsonb, pgEnum, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { at, by, now, ofSameStudy, oneOfStudy, studyId } from "./columns";
import { kept } from "./kept";
import { site } from "./people";
import { protocolVersion } from "./protocol";
import { afterLock, may, ofStudy, ofVisibleSubject } from "./roles";

export const subjectStatus = pgEnum("subject_status", ["screening", "screen_failure", "eligible", "enrolled"]);
export const sex = pgEnum("sex", ["male", "female"]);

const subjectId = () => uuid().notNull();

const atMySite = sql`${ofStudy} and (site_id = (select nw.site_id()) or (select nw.site_id()) is null)`;

/** A screened patient, by number; nothing here says who it is. */
export const subject = pgTable(
  "subject",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    siteId: uuid(),
    number: text().notNull(),
    status: subjectStatus().notNull().default("screening"),
    createdBy: by(),
    createdAt: now(),
    enrolledAt: at(),
  },
  (t) => [
    oneOfStudy("subject", t),
    ofSameStudy("subject_of_site", t, t.siteId, site),
    unique("subject_number").on(t.studyId, t.number),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor"], atMySite),
    may("select", ["principal_investigator", "importer"], ofStudy),
    may("select", ["data_scientist"], afterLock),
    may("select", ["worker"], afterLock),
    may("insert", ["coordinator", "importer"], atMySite),
    may("update", ["coordinator", "importer"], atMySite, [t.status, t.enrolledAt]),
  ],
);
kept(subject, { untilLock: true, audited: true });

/** Who the subject is: seen by coordinator, pathologist and monitor of the site, and by nobody else. */
export const subjectIdentity = pgTable(
  "subject_identity",
  {
    subjectId: uuid().primaryKey(),
    studyId: studyId(),
    name: text().notNull(),
    hospitalNumber: text().notNull(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [
    ofSameStudy("subject_identity_of_subject", t, t.subjectId, subject),
    may("select", ["coordinator", "pathologist", "monitor"], ofVisibleSubject),
    may("insert", ["coordinator"], ofVisibleSubject),
  ],
);
kept(subjectIdentity, { untilLock: true });

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
    protocolVersionId: uuid().notNull(),
    /** criterion key -> met | not_met | unknown */
    answers: jsonb().notNull(),
    verdict: text({ enum: ["eligible", "ineligible", "undecided"] }).notNull(),
    reasons: jsonb().notNull(),
    assessedBy: by(),
    assessedAt: now(),
  },
  (t) => [
    ofSameStudy("eligibility_assessment_of_subject", t, t.subjectId, subject),
    ofSameStudy("eligibility_assessment_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    index("eligibility_assessment_subject").on(t.subjectId),
    ...clinicalSelect(),
  ],
);
kept(eligibilityAssessment, { appendOnly: true, untilLock: true, audited: true });

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
  (t) => [ofSameStudy("consent_of_subject", t, t.subjectId, subject), ...clinicalSelect()],
);
kept(consent, { appendOnly: true, untilLock: true, audited: true });

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
  (t) => [
    ofSameStudy("baseline_of_subject", t, t.subjectId, subject),
    index("baseline_subject").on(t.subjectId),
    ...clinicalSelect(),
  ],
);
kept(baseline, { appendOnly: true, untilLock: true, audited: true });

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
    ofSameStudy("exam_of_subject", t, t.subjectId, subject),
    index("exam_subject").on(t.subjectId),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor", "importer"], ofVisibleSubject),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["coordinator", "importer"], ofVisibleSubject),
  ],
);
kept(exam, { appendOnly: true, untilLock: true, audited: true });
