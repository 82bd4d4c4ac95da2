import { sql } from "drizzle-orm";
import {
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { regimen } from "@/core/protocol/regimen";
import { by, now, ofSameStudy, oneOfStudy, studyId } from "./columns";
import { crop, ofFile } from "./imaging";
import { ofJob } from "./job";
import { kept } from "./kept";
import { afterLock, may, ofStudy } from "./roles";

const results = () => [
  may("select", ["data_scientist", "principal_investigator"], afterLock),
  may("select", ["importer", "worker"], ofStudy),
];
const asked = () => [
  may("insert", ["data_scientist"], afterLock),
  may("insert", ["importer"], afterLock),
  may("insert", ["principal_investigator"], afterLock),
];

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
    /** Pairs of subjects on two sides of the split whose numbers look alike (`core/ids.ts`): if they are one patient, the run leaks. */
    lookAlikes: jsonb().$type<[string, string][]>().notNull().default([]),
    /** SHA-256 over the items in order: subject, node, plane, image hash, truth, fold. */
    sha256: text().notNull(),
    createdBy: by(),
    createdAt: now(),
  },
  (t) => [oneOfStudy("dataset_snapshot", t), ...results(), ...asked()],
);
// Every pair of images that look alike.
kept(datasetSnapshot, { appendOnly: true, largest: 16_000_000 });

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
    ofSameStudy("dataset_item_of_snapshot", t, t.snapshotId, datasetSnapshot),
    ofSameStudy("dataset_item_of_crop", t, t.cropId, crop),
    ...results(),
    ...asked(),
  ],
);
kept(datasetItem, { appendOnly: true });

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
    unique("freeze_sweep_and_snapshot").on(t.id, t.snapshotId, t.studyId),
    ofSameStudy("freeze_sweep_of_snapshot", t, t.snapshotId, datasetSnapshot),
    ...results(),
    ...asked(),
  ],
);
kept(freezeSweep, { appendOnly: true });

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
    /** The regimen (`core/protocol/regimen.ts`). */
    config: jsonb().notNull(),
    /** Engine, versions, device, threads, weights and, where a faster engine was not used, why. */
    environment: jsonb(),
  },
  (t) => [
    index("model_run_study").on(t.studyId),
    uniqueIndex("model_run_source").on(t.studyId, sql`(config ->> 'sourceSha256')`),
    oneOfStudy("model_run", t),
    unique("model_run_and_snapshot").on(t.id, t.snapshotId, t.studyId),
    ofJob("model_run", t),
    ofSameStudy("model_run_of_snapshot", t, t.snapshotId, datasetSnapshot),
    foreignKey({
      name: "model_run_of_sweep",
      columns: [t.sweepId, t.snapshotId, t.studyId],
      foreignColumns: [freezeSweep.id, freezeSweep.snapshotId, freezeSweep.studyId],
    }),
    foreignKey({
      name: "model_run_beside",
      columns: [t.companionOf, t.snapshotId, t.studyId],
      foreignColumns: [t.id, t.snapshotId, t.studyId],
    }),
    ...results(),
    ...asked(),
    may("update", ["worker"], ofStudy, [t.environment]),
  ],
);
kept(modelRun, { audited: true, documents: { config: regimen } });

export const runLog = pgTable(
  "run_log",
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    studyId: studyId(),
    runId: uuid().notNull(),
    at: now(),
    line: text().notNull(),
  },
  (t) => [
    index("run_log_run").on(t.runId),
    ofSameStudy("run_log_of_run", t, t.runId, modelRun),
    ...results(),
    may("insert", ["worker"], ofStudy),
  ],
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
    ofSameStudy("run_metric_of_run", t, t.runId, modelRun),
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
    ofSameStudy("checkpoint_of_run", t, t.runId, modelRun),
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
    ofSameStudy("run_fold_of_run", t, t.runId, modelRun),
    ...results(),
    may("insert", ["worker"], ofStudy),
  ],
);
kept(runFold, { appendOnly: true });

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
    ofSameStudy("run_task_of_run", t, t.runId, modelRun),
    ofSameStudy("run_task_of_crop", t, t.cropId, crop),
    ofFile("run_task_of_file", t, t.resultSha256),
    ...results(),
    ...asked(),
    may("update", ["worker"], ofStudy, [t.resultSha256, t.resultType, t.resultName, t.detail]),
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
    ofSameStudy("crop_score_of_run", t, t.runId, modelRun),
    ofSameStudy("crop_score_of_crop", t, t.cropId, crop),
    ...results(),
    may("insert", ["worker"], ofStudy),
    // Scores of a model that was trained elsewhere.
    ...asked(),
  ],
);
kept(cropScore, { appendOnly: true });
