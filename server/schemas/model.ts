import { z } from "zod";
import { regimen } from "./regimen";

export const runState = z.enum(["queued", "running", "done", "failed", "cancelled"]);

export const trainInput = z.object({
  folds: z.int("Folds is a whole number").min(2, "At least 2 folds").max(20, "At most 20 folds").optional(),
  seed: z.int("Seed is a whole number").min(0).max(2_147_483_647).optional(),
  epochs: z.int("Epochs is a whole number").min(1).max(100_000).optional(),
});

/** What the run was made with. */
export const runEnvironment = z.object({
  engine: z.string(),
  version: z.string(),
  device: z.string(),
  threads: z.int(),
  /** Why a faster engine was not used; null when there is none faster. */
  slowerThan: z.string().nullable(),
  weights: z.string(),
  node: z.string(),
});

export const runFigures = z.object({
  seconds: z.number(),
  imagesPerSecond: z.number().nullable(),
  peakMemoryMb: z.number(),
});

export const run = z.object({
  id: z.uuid(),
  state: runState,
  phase: z.string().nullable(),
  done: z.int(),
  total: z.int(),
  attempts: z.int(),
  error: z.string().nullable(),
  config: regimen,
  environment: runEnvironment.nullable(),
  figures: runFigures.nullable(),
  images: z.int(),
  patients: z.int(),
  folds: z.int(),
  seed: z.int(),
  snapshotSha256: z.string(),
  createdBy: z.string(),
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
});

export const runProgress = z.object({
  run,
  metrics: z.array(runMetric),
  log: z.array(z.object({ id: z.int(), at: z.date(), line: z.string() })),
});
export type RunProgress = z.infer<typeof runProgress>;
