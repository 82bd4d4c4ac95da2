import { sql } from "drizzle-orm";
import { check, date, index, jsonb, pgEnum, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { z } from "zod";
import type { UsedValue } from "@/core/eligibility/evaluate";
import { at, atOnce, by, now, ofSameStudy, oneOfStudy, scalar, studyId, transaction } from "./columns";
import { kept } from "./kept";
import { site } from "./people";
import { protocolVersion } from "./protocol";
import { afterLock, may, ofStudy, ofVisibleSubject } from "./roles";

export const subjectStatus = pgEnum("subject_status", ["screening", "screen_failure", "eligible", "enrolled"]);

const subjectId = () => uuid().notNull();

/** To a criterion. */
const answer = z.enum(["met", "not_met", "unknown"]);

/** Rows of assessments that this role can see. */
const ofVisibleAssessment = sql`${ofStudy} and assessment_id in (select id from eligibility_assessment)`;
const atMySite = sql`${ofStudy} and (site_id = (select nw.site_id()) or (select nw.of_every_site()))`;

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

/**
 * Who the subject is: told to coordinator, pathologist and monitor of the site by `nw.identity_of()`, once it is noted that they look, and to nobody else.
 * That it is known is no secret.
 */
export const subjectIdentity = pgTable(
  "subject_identity",
  {
    subjectId: uuid().primaryKey(),
    studyId: studyId(),
    name: text().notNull(),
    hospitalNumber: text().notNull(),
    /** Why a patient whose hospital number is another subject's of the site is screened once more; null: the number was new there. */
    knownReason: text(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [
    ofSameStudy("subject_identity_of_subject", t, t.subjectId, subject),
    check("subject_identity_known_reason", sql`length(trim(known_reason)) > 0`),
    may("select", ["coordinator", "pathologist", "monitor"], ofVisibleSubject, [t.subjectId, t.studyId]),
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
    /** What a person answered: criterion key -> met | not_met | unknown */
    answers: jsonb().notNull(),
    verdict: text({ enum: ["eligible", "ineligible", "undecided"] }).notNull(),
    reasons: jsonb().notNull(),
    assessedBy: by(),
    assessedAt: atOnce(),
  },
  (t) => [
    oneOfStudy("eligibility_assessment", t),
    ofSameStudy("eligibility_assessment_of_subject", t, t.subjectId, subject),
    ofSameStudy("eligibility_assessment_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    index("eligibility_assessment_subject").on(t.subjectId),
    ...clinicalSelect(),
    may("select", ["worker"], afterLock, [t.id, t.studyId, t.subjectId, t.reasons, t.assessedAt]),
  ],
);
kept(eligibilityAssessment, {
  appendOnly: true,
  untilLock: true,
  audited: true,
  documents: { answers: z.record(z.string(), answer), reasons: z.array(z.object({ key: z.string(), answer })) },
});

/**
 * What the record answered to a computed criterion at an assessment, and from which values. Apart from the assessment, because the values are sizes and
 * days of an exam: whoever may not see those sees no row here.
 */
export const criterionEvaluation = pgTable(
  "criterion_evaluation",
  {
    assessmentId: uuid().notNull(),
    studyId: studyId(),
    criterionKey: text().notNull(),
    answer: text({ enum: ["met", "not_met", "unknown"] }).notNull(),
    used: jsonb().$type<UsedValue[]>().notNull(),
    /** Why a person answered otherwise; null where nobody did. */
    overrideReason: text(),
  },
  (t) => [
    primaryKey({ columns: [t.assessmentId, t.criterionKey] }),
    ofSameStudy("criterion_evaluation_of_assessment", t, t.assessmentId, eligibilityAssessment),
    may("select", ["coordinator", "locating_radiologist", "monitor", "importer"], ofVisibleAssessment),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["coordinator", "importer"], ofVisibleAssessment),
  ],
);
kept(criterionEvaluation, {
  appendOnly: true,
  untilLock: true,
  audited: true,
  documents: { used: z.array(z.object({ what: z.string(), value: z.union([z.number(), z.string(), z.null()]) })) },
});

export const consent = pgTable(
  "consent",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: subjectId(),
    signedOn: date().notNull(),
    formVersion: text().notNull(),
    /** Why it was signed after the MRI exam; null where it was not. */
    reason: text(),
    recordedBy: by(),
    recordedAt: now(),
  },
  (t) => [
    ofSameStudy("consent_of_subject", t, t.subjectId, subject),
    unique("consent_once").on(t.subjectId),
    ...clinicalSelect(),
  ],
);
kept(consent, { appendOnly: true, untilLock: true, audited: true });

/** What may still be done with the records of somebody who withdrew: each takes away more than the one before. */
export const withdrawalScopes = ["keep", "no_further_use", "destroy"] as const;

/**
 * That a subject withdrew the consent, on which day and how far: `keep`: nothing new is recorded, what is there is used; `no_further_use`: what is there
 * stays and is used no more; `destroy`: who it is and the images are deleted, too. The newest counts, and never takes back what the one before said.
 * Written after the lock as well: nobody waits for an analysis to withdraw.
 */
export const consentWithdrawal = pgTable(
  "consent_withdrawal",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: subjectId(),
    withdrawnOn: date().notNull(),
    scope: text({ enum: withdrawalScopes }).notNull(),
    recordedBy: by(),
    recordedAt: atOnce(),
    transaction: transaction(),
  },
  (t) => [
    ofSameStudy("consent_withdrawal_of_subject", t, t.subjectId, subject),
    unique("consent_withdrawal_once").on(t.subjectId, t.scope),
    check("consent_withdrawal_scope", sql`scope in ('keep', 'no_further_use', 'destroy')`),
    may(
      "select",
      ["coordinator", "locating_radiologist", "pathologist", "monitor", "principal_investigator", "importer"],
      ofVisibleSubject,
    ),
    may("select", ["data_scientist", "worker"], afterLock),
    may("insert", ["coordinator"], ofVisibleSubject),
  ],
);
kept(consentWithdrawal, { appendOnly: true, audited: true });

/** The value of one item that the protocol asks for (`core/protocol/baseline.ts`). A correction is a new row with its reason; the newest of an item counts. */
export const baselineValue = pgTable(
  "baseline_value",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: subjectId(),
    /** The version by which the value was checked. */
    protocolVersionId: uuid().notNull(),
    itemKey: text().notNull(),
    /** A number in the item's unit, a day as yyyy-mm-dd, the key of an option, or a text; null: what was recorded is withdrawn. */
    value: scalar(),
    /** Why it was corrected, or lies outside the protocol's range; null for a first value within. */
    reason: text(),
    recordedBy: by(),
    recordedAt: atOnce(),
  },
  (t) => [
    ofSameStudy("baseline_value_of_subject", t, t.subjectId, subject),
    ofSameStudy("baseline_value_of_protocol_version", t, t.protocolVersionId, protocolVersion),
    index("baseline_value_item").on(t.studyId, t.subjectId, t.itemKey),
    check("baseline_value_scalar", sql`jsonb_typeof(value) in ('number', 'string')`),
    ...clinicalSelect(),
    may("select", ["worker"], afterLock),
  ],
);
kept(baselineValue, { appendOnly: true, untilLock: true, audited: true });

export const exam = pgTable(
  "exam",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: subjectId(),
    performedOn: date().notNull(),
    scanner: text().notNull(),
    recordedBy: by(),
    recordedAt: atOnce(),
  },
  (t) => [
    oneOfStudy("exam", t),
    ofSameStudy("exam_of_subject", t, t.subjectId, subject),
    index("exam_subject").on(t.subjectId),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor", "importer"], ofVisibleSubject),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["coordinator", "importer"], ofVisibleSubject),
  ],
);
kept(exam, { appendOnly: true, untilLock: true, audited: true });
