import { sql } from "drizzle-orm";
import {
  doublePrecision,
  type ExtraConfigColumn,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { crop } from "./imaging";
import { ofJob } from "./job";
import { person, study } from "./people";
import { afterLock, may, ofStudy } from "./roles";

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
const asked = () => [
  may("insert", ["data_scientist"], afterLock),
  may("insert", ["importer"], afterLock),
  may("insert", ["principal_investigator"], afterLock),
];

/** A column of the table that is being made. */
type Column = ExtraConfigColumn;

// What a row hangs on is of the row's own study: the study is part of the key.
const ofSnapshot = (table: string, t: { snapshotId: Column; studyId: Column }) =>
  foreignKey({
    name: `${table}_of_snapshot`,
    columns: [t.snapshotId, t.studyId],
    foreignColumns: [datasetSnapshot.id, datasetSnapshot.studyId],
  });
const ofRun = (table: string, t: { runId: Column; studyId: Column }) =>
  foreignKey({
    name: `${table}_of_run`,
    columns: [t.runId, t.studyId],
    foreignColumns: [modelRun.id, modelRun.studyId],
  });
const ofCrop = (table: string, t: { cropId: Column; studyId: Column }) =>
  foreignKey({ name: `${table}_of_crop`, columns: [t.cropId, t.studyId], foreignColumns: [crop.id, crop.studyId] });

/** An immutable list of crops with truth and folds, for training and scoring. */
export const datasetSnapshot = pgTable(
  "dataset_snapshot",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    /** What never stands on two sides of the split. */
    splitUnit: text({ enum: ["patient", "node", "image"] }).notNull(),
    folds: integer().notNull(),
    seed: integer().notNull(),
    /** Pairs of crops that look alike, with their distance: [crop, crop, bits]. They stay together unless the split is by image. */
    nearDuplicates: jsonb().notNull().default([]),
    /** How many held-out images have a sibling in training, by kind (`core/splits/leakage.ts`); null: none can, by the split. */
    leakage: jsonb(),
    /** SHA-256 over the items in order: subject, node, plane, image hash, truth, fold. */
    sha256: text().notNull(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [unique("dataset_snapshot_and_study").on(t.id, t.studyId), ...results(), ...asked()],
);

export const datasetItem = pgTable(
  "dataset_item",
  {
    snapshotId: uuid().notNull(),
    studyId: studyId(),
    cropId: uuid().notNull(),
    /** Order of the images in training: by subject, node and plane, so that the same data and seed give the same model on any machine. */
    position: integer().notNull(),
    /** Subject number. */
    subject: text().notNull(),
    /** Label of the node within the subject. */
    node: text().notNull().default(""),
    /** Pixels. */
    width: integer().notNull().default(0),
    height: integer().notNull().default(0),
    /** Null where it was not measured. */
    shortAxisMm: doublePrecision(),
    sha256: text().notNull(),
    pixelSha256: text().notNull(),
    /** 1 = positive */
    truth: integer().notNull(),
    fold: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.snapshotId, t.cropId] }),
    ofSnapshot("dataset_item", t),
    ofCrop("dataset_item", t),
    ...results(),
    ...asked(),
  ],
);

/** A depth of freezing for each run, all on one snapshot. */
export const freezeSweep = pgTable(
  "freeze_sweep",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    snapshotId: uuid().notNull(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [
    unique("freeze_sweep_and_snapshot").on(t.id, t.snapshotId),
    ofSnapshot("freeze_sweep", t),
    ...results(),
    ...asked(),
  ],
);

/** One training: what was asked (`config`, whole), on what data, and by which engine. How far it is says its job, whose id it has. */
export const modelRun = pgTable(
  "model_run",
  {
    id: uuid().primaryKey(),
    studyId: studyId(),
    snapshotId: uuid().notNull(),
    sweepId: uuid(),
    /** The run beside which this one is a control or a baseline. */
    companionOf: uuid(),
    /** The regimen (`server/schemas/regimen.ts`). */
    config: jsonb().notNull(),
    /** Engine, versions, device, threads, weights and, where a faster engine was not used, why. */
    environment: jsonb(),
  },
  (t) => [
    index("model_run_study").on(t.studyId),
    unique("model_run_and_study").on(t.id, t.studyId),
    unique("model_run_and_snapshot").on(t.id, t.snapshotId),
    ofJob("model_run", t),
    ofSnapshot("model_run", t),
    foreignKey({
      name: "model_run_of_sweep",
      columns: [t.sweepId, t.snapshotId],
      foreignColumns: [freezeSweep.id, freezeSweep.snapshotId],
    }),
    foreignKey({
      name: "model_run_beside",
      columns: [t.companionOf, t.snapshotId],
      foreignColumns: [t.id, t.snapshotId],
    }),
    ...results(),
    ...asked(),
    may("update", ["worker"], ofStudy),
  ],
);

export const runLog = pgTable(
  "run_log",
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    studyId: studyId(),
    runId: uuid().notNull(),
    at: now(),
    line: text().notNull(),
  },
  (t) => [index("run_log_run").on(t.runId), ofRun("run_log", t), ...results(), may("insert", ["worker"], ofStudy)],
);

/** Loss and AUC of one epoch (or iteration) of one fold; fold -1 is the final model. */
export const runMetric = pgTable(
  "run_metric",
  {
    runId: uuid().notNull(),
    studyId: studyId(),
    fold: integer().notNull(),
    epoch: integer().notNull(),
    loss: doublePrecision().notNull(),
    /** Of the fold that is left out: watched, never used. */
    validationLoss: doublePrecision(),
    validationAuc: doublePrecision(),
    /** Of the tuning part, which belongs to the training side. */
    tuningLoss: doublePrecision(),
    tuningAuc: doublePrecision(),
    at: now(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.fold, t.epoch] }),
    ofRun("run_metric", t),
    ...results(),
    may("insert", ["worker"], ofStudy),
  ],
);

/** Where an interrupted run goes on: the newest of a run. The state is a file in the store. */
export const checkpoint = pgTable(
  "checkpoint",
  {
    id: uuid().primaryKey().defaultRandom(),
    studyId: studyId(),
    runId: uuid().notNull(),
    fold: integer().notNull(),
    epoch: integer().notNull(),
    sha256: text().notNull(),
    at: now(),
  },
  (t) => [
    index("checkpoint_run").on(t.runId),
    ofRun("checkpoint", t),
    ...results(),
    may("insert", ["worker"], ofStudy),
  ],
);

/** A model that is finished: the one of a fold, or (fold -1) the final one, which learned from all folds. */
export const runFold = pgTable(
  "run_fold",
  {
    runId: uuid().notNull(),
    studyId: studyId(),
    fold: integer().notNull(),
    /** Epochs trained, and the one whose weights count. */
    epochs: integer().notNull(),
    chosenEpoch: integer().notNull(),
    /** From which score it calls a crop positive. */
    threshold: doublePrecision().notNull(),
    tuningLoss: doublePrecision(),
    tuningAuc: doublePrecision(),
    trainingImages: integer().notNull(),
    tuningImages: integer().notNull(),
    /** The weights, a file in the store (`worker/interchange/model-file.ts`); null where there are none (baselines). */
    modelSha256: text(),
    at: now(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.fold] }),
    ofRun("run_fold", t),
    ...results(),
    may("insert", ["worker"], ofStudy),
  ],
);

/** What a finished run is asked for: scores of other crops, an explanation of one, a file for other programs. Its id is its job's. */
export const runTask = pgTable(
  "run_task",
  {
    id: uuid().primaryKey(),
    studyId: studyId(),
    runId: uuid().notNull(),
    kind: text({ enum: ["score", "explain", "export"] }).notNull(),
    /** explain: the crop. */
    cropId: uuid(),
    /** explain: the method. export: the format. */
    variant: text().notNull().default(""),
    /** Made file in the store, with its media type and name. */
    resultSha256: text(),
    resultType: text(),
    resultName: text(),
    /** explain: logit and score; export: how it was checked. */
    detail: jsonb(),
  },
  (t) => [
    index("run_task_run").on(t.runId),
    ofJob("run_task", t),
    ofRun("run_task", t),
    ofCrop("run_task", t),
    ...results(),
    ...asked(),
    may("update", ["worker"], ofStudy),
  ],
);

/**
 * The output for one crop, in [0, 1], of the model of `fold`, which never trained on it, nor in a split by patient on any image of its patient.
 * -1: the final model, for crops outside the snapshot, which may have seen other nodes of the patient; or a model trained elsewhere.
 */
export const cropScore = pgTable(
  "crop_score",
  {
    runId: uuid().notNull(),
    studyId: studyId(),
    cropId: uuid().notNull(),
    fold: integer().notNull(),
    score: doublePrecision().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.cropId] }),
    ofRun("crop_score", t),
    ofCrop("crop_score", t),
    ...results(),
    may("insert", ["worker"], ofStudy),
    // Scores of a model that was trained elsewhere.
    ...asked(),
  ],
);
