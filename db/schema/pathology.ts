import { sql } from "drizzle-orm";
import { check, index, pgEnum, pgTable, text, timestamp, unique, uuid } from "drizzle-orm/pg-core";
import { subject } from "./enrolment";
import { node } from "./imaging";
import { person, study } from "./people";
import { afterLock, may, ofVisibleNode, ofVisibleSubject } from "./roles";

export const pathologyResult = pgEnum("pathology_result", ["positive", "negative", "not_found"]);
export const matchConfidence = pgEnum("match_confidence", ["certain", "probable", "possible"]);

const studyId = () =>
  uuid()
    .notNull()
    .references(() => study.id);
const by = () =>
  uuid()
    .notNull()
    .references(() => person.id)
    .default(sql`nw.person_id()`);
const now = () => timestamp({ withTimezone: true }).notNull().defaultNow();

export const specimen = pgTable(
  "specimen",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: uuid()
      .notNull()
      .references(() => subject.id),
    label: text().notNull(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [
    unique("specimen_label").on(t.subjectId, t.label),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor", "importer"], ofVisibleSubject),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["pathologist", "importer"], ofVisibleSubject),
  ],
);

/** That a node of the images is this specimen, and how sure that is. The newest row of a node counts. */
export const nodeMatch = pgTable(
  "node_match",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    nodeId: uuid()
      .notNull()
      .references(() => node.id),
    specimenId: uuid()
      .notNull()
      .references(() => specimen.id),
    confidence: matchConfidence().notNull(),
    matchedBy: by(),
    matchedAt: now(),
  },
  (t) => [
    index("node_match_node").on(t.nodeId),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor", "importer"], ofVisibleNode),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["pathologist", "importer"], ofVisibleNode),
  ],
);

/** The reference standard of a node. Never updated: a correction is a new row with a reason that points at the old one; the newest counts. */
export const pathologyReport = pgTable(
  "pathology_report",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    nodeId: uuid()
      .notNull()
      .references(() => node.id),
    result: pathologyResult().notNull(),
    /** Why the node was not found, or why an earlier report is corrected. */
    reason: text(),
    supersedes: uuid().unique(),
    reportedBy: by(),
    reportedAt: now(),
  },
  (t) => [
    index("pathology_report_node").on(t.nodeId),
    check(
      "pathology_report_reason",
      sql`(result <> 'not_found' and supersedes is null) or coalesce(length(trim(reason)), 0) > 0`,
    ),
    may("select", ["pathologist", "monitor", "importer"], ofVisibleNode),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("select", ["worker"], afterLock),
    may("insert", ["pathologist", "importer"], ofVisibleNode),
  ],
);
