import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgEnum, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { atOnce, by, now, ofSameStudy, oneOfStudy, studyId } from "./columns";
import { subject } from "./enrolment";
import { node } from "./imaging";
import { kept } from "./kept";
import { afterLock, may, ofVisibleNode, ofVisibleSubject } from "./roles";

export const pathologyResult = pgEnum("pathology_result", ["positive", "negative", "not_found"]);
export const matchConfidence = pgEnum("match_confidence", ["certain", "probable", "possible"]);

export const specimen = pgTable(
  "specimen",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: uuid().notNull(),
    label: text().notNull(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [
    oneOfStudy("specimen", t),
    ofSameStudy("specimen_of_subject", t, t.subjectId, subject),
    unique("specimen_label").on(t.subjectId, t.label),
    // Which nodes have one tells which were found.
    may("select", ["pathologist", "monitor", "importer"], ofVisibleSubject),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["pathologist", "importer"], ofVisibleSubject),
  ],
);
kept(specimen, { untilLock: true, audited: true });

/** That a node of the images is this specimen, and how sure that is. The newest row of a node counts. */
export const nodeMatch = pgTable(
  "node_match",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    nodeId: uuid().notNull(),
    specimenId: uuid().notNull(),
    confidence: matchConfidence().notNull(),
    /** Why this specimen is another node, too; null where it is this node alone. */
    sharedReason: text(),
    matchedBy: by(),
    matchedAt: atOnce(),
  },
  (t) => [
    unique("node_match_and_node").on(t.id, t.nodeId, t.studyId),
    ofSameStudy("node_match_of_node", t, t.nodeId, node),
    ofSameStudy("node_match_of_specimen", t, t.specimenId, specimen),
    index("node_match_node").on(t.nodeId),
    check("node_match_shared_reason", sql`length(trim(shared_reason)) > 0`),
    may("select", ["pathologist", "monitor", "importer"], ofVisibleNode),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["pathologist", "importer"], ofVisibleNode),
  ],
);
kept(nodeMatch, { appendOnly: true, untilLock: true, audited: true });

/** The reference standard of a node. Never updated: a correction is a new row with a reason that points at the old one; the newest counts. */
export const pathologyReport = pgTable(
  "pathology_report",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    nodeId: uuid().notNull(),
    /** The match that it rests on; none where the node was not found. */
    matchId: uuid(),
    result: pathologyResult().notNull(),
    /** Why the node was not found, or why an earlier report is corrected. */
    reason: text(),
    supersedes: uuid().unique(),
    reportedBy: by(),
    reportedAt: atOnce(),
  },
  (t) => [
    unique("pathology_report_and_node").on(t.id, t.nodeId, t.studyId),
    ofSameStudy("pathology_report_of_node", t, t.nodeId, node),
    foreignKey({
      name: "pathology_report_of_match",
      columns: [t.matchId, t.nodeId, t.studyId],
      foreignColumns: [nodeMatch.id, nodeMatch.nodeId, nodeMatch.studyId],
    }),
    foreignKey({
      name: "pathology_report_of_earlier",
      columns: [t.supersedes, t.nodeId, t.studyId],
      foreignColumns: [t.id, t.nodeId, t.studyId],
    }),
    index("pathology_report_node").on(t.nodeId),
    uniqueIndex("pathology_report_first").on(t.nodeId).where(sql`supersedes is null`),
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
kept(pathologyReport, { appendOnly: true, untilLock: true, audited: true });
