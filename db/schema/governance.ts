import { sql } from "drizzle-orm";
import { bigint, check, index, jsonb, pgEnum, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { at, atOnce, by, now, ofSameStudy, studyId, transaction } from "./columns";
import { subject } from "./enrolment";
import { kept } from "./kept";
import { membership, person, site, study } from "./people";
import { afterLock, may, ofStudy } from "./roles";

/** The moment after which nothing above the model changes, with what was counted then: written by `nw.lock_study()` alone. */
export const studyLock = pgTable(
  "study_lock",
  {
    studyId: uuid()
      .primaryKey()
      .references(() => study.id),
    lockedBy: by(),
    lockedAt: now(),
    reason: text(),
    counts: jsonb().notNull(),
  },
  (t) => [
    may(
      "select",
      [
        "coordinator",
        "locating_radiologist",
        "reader",
        "pathologist",
        "data_scientist",
        "principal_investigator",
        "monitor",
        "administrator",
        "importer",
      ],
      ofStudy,
    ),
    may("select", ["worker"], ofStudy, [t.studyId, t.lockedAt, t.reason]),
  ],
);
kept(studyLock, { appendOnly: true, audited: true });

/** Who did what, and why: written by `nw.record()` in the transaction of the deed. It holds no blinded value. */
export const auditEvent = pgTable(
  "audit_event",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: now(),
    transaction: transaction(),
    studyId: uuid().references(() => study.id),
    /** Of the subject that it is about; null where it is about none. Set by `nw.note_site()`. */
    siteId: uuid(),
    personId: uuid().references(() => person.id),
    role: text().notNull(),
    action: text().notNull(),
    entity: text(),
    entityId: text(),
    reason: text(),
    detail: jsonb(),
  },
  (t) => [
    ofSameStudy("audit_event_of_site", t, t.siteId, site),
    index("audit_event_study").on(t.studyId, t.id),
    index("audit_event_looks").on(t.studyId, t.personId, t.at).where(sql`action = 'figures.viewed'`),
    index("audit_event_refusals").on(t.studyId, t.personId, t.at).where(sql`action = 'access.refused'`),
    uniqueIndex("audit_event_unblinded").on(t.studyId).where(sql`action = 'study.unblinded'`),
    may(
      "select",
      ["coordinator", "principal_investigator", "monitor", "administrator"],
      sql`${ofStudy} and ((select nw.of_every_site()) or site_id is null or site_id = (select nw.site_id()))`,
    ),
    // What belongs to no study: accounts and sessions.
    may("select", ["person"], sql`study_id is null and (select nw.administers((select nw.person_id())))`),
  ],
);
kept(auditEvent, { appendOnly: true });

/** What a row was and became: written by a trigger in the same transaction. Holds values, so it opens at the lock. */
export const auditChange = pgTable(
  "audit_change",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: now(),
    transaction: transaction(),
    studyId: uuid().references(() => study.id),
    personId: uuid(),
    role: text(),
    tableName: text().notNull(),
    operation: text().notNull(),
    before: jsonb(),
    after: jsonb(),
  },
  (t) => [index("audit_change_study").on(t.studyId, t.id), may("select", ["principal_investigator"], afterLock)],
);
// A protocol, as it was and as it became.
kept(auditChange, { appendOnly: true, largest: 2_000_000 });

export const unblindingKind = pgEnum("unblinding_kind", ["planned", "emergency"]);
export const unblindedFact = pgEnum("unblinded_fact", ["pathology", "size", "score"]);

/**
 * That somebody was told before the lock what is hidden: of which patient, whom, what of it (never the value), why and when. Whoever records it answers for it; a reader who was told is told nothing
 * by the record. Reads made after it are flagged (`nw.reads_after_unblinding()`).
 */
export const unblinding = pgTable(
  "unblinding",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    kind: unblindingKind().notNull(),
    /** Null: of every patient. */
    subjectId: uuid(),
    /** The reader who was told; somebody else by name and function. */
    membershipId: uuid(),
    toldName: text(),
    told: unblindedFact().array().notNull(),
    reason: text().notNull(),
    toldAt: at().notNull(),
    recordedBy: by(),
    recordedAt: atOnce(),
  },
  (t) => [
    ofSameStudy("unblinding_of_subject", t, t.subjectId, subject),
    ofSameStudy("unblinding_of_member", t, t.membershipId, membership),
    check("unblinding_of_one", sql`num_nonnulls(membership_id, told_name) = 1`),
    check("unblinding_of_something", sql`cardinality(told) between 1 and 3`),
    check("unblinding_in_words", sql`length(trim(reason)) > 0 and length(trim(coalesce(told_name, 'x'))) > 0`),
    check("unblinding_is_past", sql`told_at <= recorded_at`),
    may(
      "select",
      ["coordinator", "principal_investigator", "monitor"],
      sql`${ofStudy} and (subject_id is null or subject_id in (select id from subject))`,
    ),
    may("select", ["importer"], ofStudy),
    may(
      "insert",
      ["principal_investigator"],
      sql`${ofStudy} and (subject_id is null or subject_id in (select id from subject)) and (membership_id is null or membership_id in (select id from membership where role = 'reader'))`,
    ),
  ],
);
kept(unblinding, { appendOnly: true, untilLock: true, audited: true });
