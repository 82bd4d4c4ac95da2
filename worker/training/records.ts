import { finalFold } from "@/core/network/folds";
import type { Said } from "@/core/words";
/*
 * What goes into a training and what comes out of it, between the worker, which has the database, and the process that trains.
 */

/** One crop of the snapshot. */
export interface TrainingItem {
  id: string;
  subject: string;
  /** Name within the patient. */
  node: string;
  /** Equal for identical pixels. */
  duplicateKey: string;
  /** 1 = positive */
  truth: 0 | 1;
  fold: number;
  /** SHA-256 of the stored PNG. */
  sha256: string;
  /** Pixels. */
  width: number;
  height: number;
  /** Null where it was not measured. */
  shortAxisMm: number | null;
}

export interface Metric {
  fold: number;
  epoch: number;
  loss: number;
  /** Of the fold that is left out: watched, never used. */
  validationLoss: number | null;
  validationAuc: number | null;
  /** Of the tuning part, which belongs to the training side. */
  tuningLoss: number | null;
  tuningAuc: number | null;
}

/** A model that is finished. */
export interface FinishedFold {
  fold: number;
  epochs: number;
  /** The epoch whose weights count. */
  chosenEpoch: number;
  threshold: number;
  tuningLoss: number | null;
  tuningAuc: number | null;
  trainingImages: number;
  tuningImages: number;
  /** The weights, in the store; null where there are none. */
  modelSha256: string | null;
}

export interface Figures {
  seconds: number;
  /** Images that went through the network; null when none had to. */
  imagesPerSecond: number | null;
  peakMemoryMb: number;
  /** Share of the time in which the engine waited for pictures. */
  waited: number | null;
  /** Until the end, while it trains. */
  secondsLeft: number | null;
}

/** The out-of-fold score of a crop, in [0, 1]. */
export interface Score {
  id: string;
  fold: number;
  score: number;
}

/** What a training tells as it goes on. Each is awaited: what was told is written down before the training goes on. */
export interface TrainingEvents {
  environment(environment: Record<string, unknown>): Promise<void>;
  progress(progress: { phase: Said; done: number; total: number; figures?: Figures }): Promise<void>;
  metrics(metrics: Metric[]): Promise<void>;
  /** Told before the state is stored: what nobody was told of, nobody would remove. */
  checkpoint(checkpoint: { fold: number; epoch: number; sha256: string }): Promise<void>;
  finished(fold: FinishedFold): Promise<void>;
  log(line: Said): Promise<void>;
}

export interface TrainingResult {
  scores: Score[];
  figures: Figures;
}

/** How a fold's model is called, everywhere: folds are counted from 1. */
export const nameOfFold = (fold: number): Said =>
  fold === finalFold ? { key: "worker.final_model" } : { key: "worker.fold", values: { fold: fold + 1 } };

/** What is being trained, for a person who waits. */
export const phaseOf = (fold: number, folds: number): Said =>
  fold === finalFold ? { key: "worker.phase.final" } : { key: "worker.phase.fold", values: { fold: fold + 1, folds } };
