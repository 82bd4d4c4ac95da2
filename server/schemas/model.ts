import { z } from "zod";
import { paperDepths } from "@/core/network/freezing";
import { networkRegimen, regimen, splitUnit } from "@/core/protocol/regimen";
import { oneLine, withLines } from "@/core/text/characters";
import { asWritten, said } from "@/core/words/said";
import { analysisJob, estimate } from "./analysis";
import { jobState } from "./job";
import { leakage } from "./leakage";

export { type Leakage, leakage } from "./leakage";

const { optimiser: sgd, ...choices } = networkRegimen.shape;

/** What a person may change of the protocol's regimen for one run; what is left out is the protocol's, or the paper's where it has none. */
export const trainInput = z
  .object({
    trainable: z.enum(["head", "network"]),
    folds: z.int("fields.folds_whole").min(2, "fields.folds_least").max(20, "fields.folds_most"),
    seed: z.int("fields.seed_whole").min(0).max(2_147_483_647),
    epochs: z.int("fields.epochs_whole").min(1).max(100_000),
    splitUnit,
    weights: choices.weights,
    engine: choices.engine.unwrap(),
    sizeBlind: choices.sizeBlind.unwrap(),
    frozen: choices.frozen,
    frozenUnit: choices.frozenUnit,
    headFirstEpochs: choices.headFirstEpochs.unwrap(),
    learningRate: sgd.shape.learningRate,
    schedule: sgd.shape.schedule.unwrap(),
    batchSize: sgd.shape.batchSize,
    microBatch: choices.microBatch,
    flipHorizontal: choices.flipHorizontal,
    flipVertical: choices.flipVertical,
    rotationDegrees: choices.rotationDegrees,
    noiseSigma: choices.noiseSigma,
    blurSigma: choices.blurSigma,
    classWeights: choices.classWeights,
    tuningFraction: choices.tuningFraction,
    patience: choices.patience,
    operatingPoint: choices.operatingPoint,
  })
  .partial();
export type TrainInput = z.infer<typeof trainInput>;

/** A run for each depth, on one snapshot. */
export const sweepInput = trainInput.omit({ trainable: true, frozen: true }).extend({
  depths: z
    .array(choices.frozen)
    .min(2, "fields.depths_least")
    .max(12)
    .default([...paperDepths]),
});
export type SweepInput = z.infer<typeof sweepInput>;

/** Runs beside a run, on its snapshot: what an honest pipeline gets from exchanged labels, and what size alone tells. */
export const companionKind = z.enum(["shuffled-labels", "short-axis", "crop-size", "size-blind"]);
export type CompanionKind = z.infer<typeof companionKind>;

/** What the run was made with. */
const runEnvironment = z.object({
  engine: z.string(),
  version: z.string(),
  device: z.string(),
  /** Of a run on an NVIDIA card: what else tells one from another. */
  card: z
    .object({
      computeCapability: z.string(),
      driver: z.string(),
      cuda: z.string(),
      cudnn: z.string(),
    })
    .nullable()
    .default(null),
  threads: z.int(),
  /** Why a faster engine was not used; null when there is none faster, or another was asked for. */
  slowerThan: z.union([said, z.string().transform(asWritten)]).nullable(),
  weights: z.string(),
  weightsSha256: z.string().nullable().default(null),
  node: z.string(),
});

const runFigures = z.object({
  seconds: z.number(),
  /** Images that went through the network, in training forward and backward. */
  imagesPerSecond: z.number().nullable(),
  peakMemoryMb: z.number(),
  /** Share of the time in which the engine waited for pictures, 0-1. */
  waited: z.number().nullable().default(null),
  /** Until the end, while it runs. */
  secondsLeft: z.number().nullable().default(null),
});

export const run = z.object({
  id: z.uuid(),
  sweepId: z.uuid().nullable(),
  companionOf: z.uuid().nullable(),
  state: jobState,
  phase: said.nullable(),
  done: z.int(),
  total: z.int(),
  attempts: z.int(),
  error: said.nullable(),
  config: regimen,
  environment: runEnvironment.nullable(),
  figures: runFigures.nullable(),
  images: z.int(),
  patients: z.int(),
  folds: z.int(),
  seed: z.int(),
  snapshotId: z.uuid(),
  snapshotSha256: z.string(),
  nearDuplicates: z.int(),
  leakage: leakage.nullable(),
  /** Pairs of subjects on two sides of the split whose numbers look alike. */
  lookAlikes: z.array(z.tuple([z.string(), z.string()])),
  createdBy: z.string().nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  cancelRequestedAt: z.date().nullable(),
});
export type Run = z.infer<typeof run>;

export const runMetric = z.object({
  fold: z.int(),
  epoch: z.int(),
  loss: z.number(),
  validationLoss: z.number().nullable(),
  validationAuc: z.number().nullable(),
  tuningLoss: z.number().nullable(),
  tuningAuc: z.number().nullable(),
});

/** A finished model; fold -1 is the final one. */
export const runFold = z.object({
  fold: z.int(),
  epochs: z.int(),
  chosenEpoch: z.int(),
  threshold: z.number(),
  tuningLoss: z.number().nullable(),
  tuningAuc: z.number().nullable(),
  trainingImages: z.int(),
  tuningImages: z.int(),
  modelSha256: z.string().nullable(),
});
export type RunFold = z.infer<typeof runFold>;

export const runProgress = z.object({
  run,
  metrics: z.array(runMetric),
  folds: z.array(runFold),
  log: z.array(z.object({ id: z.int(), at: z.date(), line: said })),
});
export type RunProgress = z.infer<typeof runProgress>;

/** A run against the reference standard: its scores (`scoredImages`), each crop called by the threshold of the model that scored it. */
export const runResult = z.object({
  n: z.int(),
  patients: z.int(),
  positive: z.int(),
  tp: z.int(),
  fn: z.int(),
  tn: z.int(),
  fp: z.int(),
  auc: estimate,
  sensitivity: estimate,
  specificity: estimate,
  accuracy: estimate,
});
export type RunResult = z.infer<typeof runResult>;

/** What runs are worth, as it was computed (`judgeRuns`): each alone, and beside the others. */
export const judgedRuns = z.object({
  results: z.array(z.object({ runId: z.uuid(), result: runResult })),
  /** Differences of AUC between two runs on the crops that both scored: first less second. */
  differences: z.array(
    z.object({ first: z.uuid(), second: z.uuid(), n: z.int(), difference: estimate, p: z.number().nullable() }),
  ),
  /** Of a whole sweep: the scores of the runs chosen in each fold. */
  nested: runResult.nullable(),
});
export type JudgedRuns = z.infer<typeof judgedRuns>;

/** Figures that are to be computed before anything can be said, and how far they are; `job` null: nobody has asked for them yet. */
export const pendingJudgement = z.object({ runIds: z.array(z.uuid()), job: analysisJob.nullable() });
export type PendingJudgement = z.infer<typeof pendingJudgement>;
const pending = pendingJudgement.nullable();

export const sweepResult = z.object({
  id: z.uuid(),
  createdAt: z.date(),
  createdBy: z.string().nullable(),
  snapshotSha256: z.string(),
  depths: z.array(
    z.object({
      run,
      result: runResult.nullable(),
      /** Mean over folds of the AUC on the tuning part. */
      tuningAuc: z.number().nullable(),
    }),
  ),
  /** The depth chosen in each fold by its tuning part, and the scores of the chosen runs: the only figure of a sweep that no choice has flattered. */
  nested: z
    .object({ chosen: z.array(z.object({ fold: z.int(), frozen: z.int(), tuningAuc: z.number() })), result: runResult })
    .nullable(),
  /** Why there is no nested result yet. */
  nestedReason: said.nullable(),
  pending,
});
export type SweepResult = z.infer<typeof sweepResult>;

export const runComparison = z.object({
  rows: z.array(z.object({ run, result: runResult.nullable() })),
  differences: judgedRuns.shape.differences,
  pending,
});
export type RunComparison = z.infer<typeof runComparison>;

export const explainMethod = z.enum(["grad-cam", "grad-cam-fine", "occlusion"]);
export const exportFormat = z.enum(["onnx", "keras-h5", "tfjs"]);

export const taskInput = z.discriminatedUnion("kind", [
  /** Every crop of the study that the run has not scored, by the final model. */
  z.object({ kind: z.literal("score"), runId: z.uuid() }),
  z.object({ kind: z.literal("explain"), runId: z.uuid(), cropId: z.uuid(), variant: explainMethod }),
  z.object({ kind: z.literal("export"), runId: z.uuid(), variant: exportFormat }),
]);
export type TaskInput = z.infer<typeof taskInput>;

export const runTask = z.object({
  id: z.uuid(),
  runId: z.uuid(),
  kind: z.enum(["score", "explain", "export"]),
  cropId: z.uuid().nullable(),
  variant: z.string(),
  state: jobState,
  done: z.int(),
  total: z.int(),
  error: said.nullable(),
  resultSha256: z.string().nullable(),
  resultType: z.string().nullable(),
  resultName: z.string().nullable(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
  createdAt: z.date(),
  endedAt: z.date().nullable(),
});
export type RunTask = z.infer<typeof runTask>;

/** A crop with its score, for choosing what to explain. */
export const scoredCrop = z.object({
  cropId: z.uuid(),
  subject: z.string(),
  node: z.string(),
  plane: z.string(),
  /** Null where there is no picture. */
  sha256: z.string().nullable(),
  fold: z.int(),
  score: z.number(),
  truth: z.union([z.literal(0), z.literal(1)]).nullable(),
});
export type ScoredCrop = z.infer<typeof scoredCrop>;

/** Most bytes of a file of scores as JSON: its characters, and the strokes before its line ends. */
export const scoresFileBytes = 24_000_000;

export const importScoresInput = z.object({
  fileName: z.string().min(1).max(200).check(oneLine),
  /** subject,node,plane,score */
  csv: z.string().max(20_000_000, "fields.scores_file"),
  provenance: z.string().trim().min(10, "fields.provenance").max(4000).check(withLines),
  threshold: z.number().gt(0).lt(1).default(0.5),
});
export type ImportScoresInput = z.infer<typeof importScoresInput>;
