import { sql } from "drizzle-orm";
import { check, index, integer, numeric, pgTable, text, timestamp, unique, uuid } from "drizzle-orm/pg-core";
import { subject } from "./enrolment";
import { person, study } from "./people";
import { afterLock, may, ofStudy, ofVisibleNode, ofVisibleSubject } from "./roles";

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

/** A target lesion: a lymph node in the founding study. */
export const node = pgTable(
  "node",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    subjectId: uuid()
      .notNull()
      .references(() => subject.id),
    /** 1, 2, ... within the subject. */
    ordinal: integer().notNull(),
    /** The name of the node in the imported manifest; otherwise N<ordinal>. */
    label: text().notNull(),
    region: text(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [
    unique("node_ordinal").on(t.subjectId, t.ordinal),
    unique("node_label").on(t.subjectId, t.label),
    index("node_study").on(t.studyId),
    may(
      "select",
      ["coordinator", "locating_radiologist", "pathologist", "monitor", "principal_investigator", "importer"],
      ofVisibleSubject,
    ),
    may("select", ["data_scientist"], afterLock),
    may("select", ["worker"], afterLock),
    may("insert", ["locating_radiologist", "importer"], ofVisibleSubject),
  ],
);

/** A node taken out of the study by the locating radiologist, with the reason. (A node that pathology cannot find is excluded by its report.) */
export const nodeExclusion = pgTable(
  "node_exclusion",
  {
    nodeId: uuid()
      .primaryKey()
      .references(() => node.id),
    studyId: studyId(),
    reason: text().notNull(),
    excludedBy: by(),
    excludedAt: now(),
  },
  () => [
    may(
      "select",
      ["coordinator", "locating_radiologist", "pathologist", "monitor", "principal_investigator", "importer"],
      ofVisibleNode,
    ),
    may("select", ["data_scientist"], afterLock),
    may("select", ["worker"], afterLock),
    may("insert", ["locating_radiologist", "importer"], ofVisibleNode),
  ],
);

/** Short-axis diameter. A table of its own because readers must not see it in Cohort 1. A re-measurement is a new row; the newest counts. */
export const nodeSize = pgTable(
  "node_size",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    nodeId: uuid()
      .notNull()
      .references(() => node.id),
    shortAxisMm: numeric({ precision: 5, scale: 2, mode: "number" }).notNull(),
    measuredBy: by(),
    measuredAt: now(),
  },
  (t) => [
    index("node_size_node").on(t.nodeId),
    check("node_size_range", sql`short_axis_mm > 0 and short_axis_mm <= 200`),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor", "importer"], ofVisibleNode),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["locating_radiologist", "importer"], ofVisibleNode),
  ],
);

/** A file in the content-addressed store. Its bytes are written before this row. */
export const storedObject = pgTable(
  "stored_object",
  {
    studyId: studyId(),
    sha256: text().notNull(),
    mediaType: text().notNull(),
    bytes: integer().notNull(),
    createdAt: now(),
  },
  (t) => [
    unique("stored_object_key").on(t.studyId, t.sha256),
    check("stored_object_sha256", sql`sha256 ~ '^[0-9a-f]{64}$'`),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor", "importer"], ofStudy),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("insert", ["locating_radiologist", "importer"], ofStudy),
  ],
);

/** The image of one node in one plane, as decoded pixels re-encoded to PNG: what readers and the network see. A replaced crop is superseded, never changed. */
export const crop = pgTable(
  "crop",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    nodeId: uuid()
      .notNull()
      .references(() => node.id),
    plane: text().notNull(),
    /** SHA-256 of the stored PNG. */
    sha256: text().notNull(),
    /** SHA-256 of the decoded pixels with their size: equal for copies saved by different programs. */
    pixelSha256: text().notNull(),
    /** What it looks like, to find near-duplicates (`core/imaging/perceptual-hash.ts`); null where it shows too little. */
    signature: text(),
    width: integer().notNull(),
    height: integer().notNull(),
    /** The size it came in, when it was larger than the network's input and was scaled down with its shape kept. */
    sourceWidth: integer().notNull(),
    sourceHeight: integer().notNull(),
    createdBy: by(),
    createdAt: now(),
    supersededAt: timestamp({ withTimezone: true }),
  },
  (t) => [
    index("crop_node").on(t.nodeId),
    unique("crop_and_study").on(t.id, t.studyId),
    index("crop_pixels").on(t.studyId, t.pixelSha256),
    index("crop_image").on(t.studyId, t.sha256),
    may("select", ["coordinator", "locating_radiologist", "pathologist", "monitor", "importer"], ofVisibleNode),
    may("select", ["data_scientist", "principal_investigator"], afterLock),
    may("select", ["worker"], ofStudy),
    may("insert", ["locating_radiologist", "importer"], ofVisibleNode),
    may("update", ["locating_radiologist"], ofVisibleNode),
  ],
);
