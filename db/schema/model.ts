import { sql } from "drizzle-orm";
import {
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { crop } from "./imaging";
import { person, study } from "./people";
import { afterLock, may, ofStudy } from "./roles";

export const runState = pgEnum("run_state", ["queued", "running", "done", "failed", "cancelled"]);

const studyId = () =>
  uuid()
    .notNull()
    .references(() => study.id);
const now = () => timestamp({ withTimezone: true }).notNull().defaultNow();
const by = () =>
  uuid()
    .notNull()
    .references(() => person.id)
    .default(sql`nw.person_id()`);

const results = () => [
  may("select", ["data_scientist", "principal_investigator"], afterLock),
  may("select", ["importer", "worker"], ofStudy),
];

/** An immutable list of crops with truth and folds, for training and scoring. */
export const datasetSnapshot = pgTable(
  "dataset_snapshot",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    /** What never stands on two sides of the split. */
    splitUnit: text({ enum: ["patient"] }).notNull(),
    folds: integer().notNull(),
    seed: integer().notNull(),
    /** SHA-256 over the items in order: crop id, image hash, truth, fold. */
    sha256: text().notNull(),
    createdBy: by(),
    createdAt: now(),
  },
  () => [...results(), may("insert", ["data_scientist"], afterLock), may("insert", ["importer"], afterLock)],
);

export const datasetItem = pgTable(
  "dataset_item",
  {
    snapshotId: uuid()
      .notNull()
      .references(() => datasetSnapshot.id),
    studyId: studyId(),
    cropId: uuid()
      .notNull()
      .references(() => crop.id),
    /** Order of the images in training: by subject, node and plane, so that the same data and seed give the same model on any machine. */
    position: integer().notNull(),
    /** Subject number. */
    subject: text().notNull(),
    sha256: text().notNull(),
    pixelSha256: text().notNull(),
    /** 1 = positive */
    truth: integer().notNull(),
    fold: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.snapshotId, t.cropId] }),
    ...results(),
    may("insert", ["data_scientist"], afterLock),
    may("insert", ["importer"], afterLock),
  ],
);

/** One training: what was asked (`config`, whole), on what data, by which engine, and how far it is. */
export const modelRun = pgTable(
  "model_run",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    snapshotId: uuid()
      .notNull()
      .references(() => datasetSnapshot.id),
    state: runState().notNull().default("queued"),
    /** The regimen (`server/schemas/regimen.ts`). */
    config: jsonb().notNull(),
    /** Engine, versions, device, threads, weights and, where a faster engine was not used, why. */
    environment: jsonb(),
    phase: text(),
    done: integer().notNull().default(0),
    total: integer().notNull().default(0),
    /** Times the job was started: above 1 after a crash. */
    attempts: integer().notNull().default(0),
    error: text(),
    /** Seconds, images per second, peak memory in MB. */
    figures: jsonb(),
    createdBy: by(),
    createdAt: now(),
    startedAt: timestamp({ withTimezone: true }),
    endedAt: timestamp({ withTimezone: true }),
    cancelRequestedAt: timestamp({ withTimezone: true }),
    /** The worker's sign of life, every few seconds. */
    heartbeatAt: timestamp({ withTimezone: true }),
  },
  (t) => [
    index("model_run_study").on(t.studyId),
    ...results(),
    may("insert", ["data_scientist"], afterLock),
    may("insert", ["importer"], afterLock),
    may("update", ["data_scientist"], afterLock),
    may("update", ["worker", "importer"], ofStudy),
  ],
);

export const runLog = pgTable(
  "run_log",
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    studyId: studyId(),
    runId: uuid()
      .notNull()
      .references(() => modelRun.id),
    at: now(),
    line: text().notNull(),
  },
  (t) => [index("run_log_run").on(t.runId), ...results(), may("insert", ["worker"], ofStudy)],
);

/** Loss and AUC of one epoch (or iteration) of one fold; fold -1 is the final model on everything. */
export const runMetric = pgTable(
  "run_metric",
  {
    runId: uuid()
      .notNull()
      .references(() => modelRun.id),
    studyId: studyId(),
    fold: integer().notNull(),
    epoch: integer().notNull(),
    loss: doublePrecision().notNull(),
    validationLoss: doublePrecision(),
    validationAuc: doublePrecision(),
    at: now(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.fold, t.epoch] }), ...results(), may("insert", ["worker"], ofStudy)],
);

/** Where an interrupted run goes on: the newest of a run. The state is a file in the store. */
export const checkpoint = pgTable(
  "checkpoint",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    runId: uuid()
      .notNull()
      .references(() => modelRun.id),
    fold: integer().notNull(),
    epoch: integer().notNull(),
    sha256: text().notNull(),
    at: now(),
  },
  (t) => [index("checkpoint_run").on(t.runId), ...results(), may("insert", ["worker"], ofStudy)],
);

/** The network's output for one crop, in [0, 1]. `fold` is the model that never saw the crop's patient. */
export const cropScore = pgTable(
  "crop_score",
  {
    runId: uuid()
      .notNull()
      .references(() => modelRun.id),
    studyId: studyId(),
    cropId: uuid()
      .notNull()
      .references(() => crop.id),
    fold: integer().notNull(),
    score: doublePrecision().notNull(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.cropId] }), ...results(), may("insert", ["worker"], ofStudy)],
);
