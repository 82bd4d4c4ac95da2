import type { z } from "zod";
import { learningRateAt } from "@/core/network/learning-rate";
import { logLoss, sigmoid } from "@/core/network/unit";
import type { headRegimen } from "@/core/protocol/regimen";
import { seededRandom, shuffled } from "@/core/random";
import { SaidError } from "@/core/words/said";

/*
 * The sigmoid unit on frozen features: p = 1 / (1 + exp(-(w . x + b))), binary cross-entropy. In double precision and in a fixed order of
 * summation, so the same seed and data give the same weights bit for bit, on every machine.
 */

export type HeadOptimiser = z.input<typeof headRegimen>["optimiser"];

/** Rows of features and their labels; a view, never copied. */
export interface Sample {
  x: readonly Float32Array[];
  y: readonly (0 | 1)[];
}

/** All that is needed to go on: weights (last number: bias), optimiser memory, epochs done. */
export interface HeadState {
  epoch: number;
  converged: boolean;
  weights: number[];
  /** sgd: velocity. logistic: previous gradient and steps of L-BFGS, newest last. */
  memory: number[][];
  /** Standardisation of the features, from the training side only (logistic). */
  mean: number[];
  deviation: number[];
}

function startState(optimiser: HeadOptimiser, { x }: Sample, seed: number): HeadState {
  const d = x[0]?.length ?? 0;
  const mean = new Array<number>(d).fill(0);
  const deviation = new Array<number>(d).fill(1);
  const weights = new Array<number>(d + 1).fill(0);
  if (optimiser.kind === "logistic") {
    for (let j = 0; j < d; j++) {
      let sum = 0;
      let squares = 0;
      for (const row of x) sum += row[j] ?? 0;
      const m = sum / x.length;
      for (const row of x) squares += ((row[j] ?? 0) - m) ** 2;
      mean[j] = m;
      deviation[j] = Math.sqrt(squares / x.length) || 1;
    }
  } else {
    // Glorot uniform, as Keras starts a dense layer; the bias at zero.
    const random = seededRandom(seed);
    const bound = Math.sqrt(6 / (d + 1));
    for (let j = 0; j < d; j++) weights[j] = (2 * random() - 1) * bound;
  }
  return { epoch: 0, converged: false, weights, memory: [], mean, deviation };
}

/** The logit of one image. */
export function logit(state: HeadState, row: Float32Array): number {
  const { weights, mean, deviation } = state;
  const d = row.length;
  let z = weights[d] ?? 0;
  for (let j = 0; j < d; j++) z += (weights[j] ?? 0) * (((row[j] ?? 0) - (mean[j] ?? 0)) / (deviation[j] ?? 1));
  return z;
}

/** Mean binary cross-entropy of a sample. */
export function lossOf(state: HeadState, { x, y }: Sample): number {
  return x.reduce((sum, row, i) => sum + logLoss(logit(state, row), y[i] ?? 0), 0) / x.length;
}

/** One epoch of momentum SGD with Keras semantics: v = m v - lr_t g; w = w + v. */
function sgdEpoch(
  state: HeadState,
  { x, y }: Sample,
  optimiser: Extract<HeadOptimiser, { kind: "sgd" }>,
  seed: number,
): void {
  const { weights } = state;
  const d = weights.length - 1;
  const velocity = state.memory[0] ?? new Array<number>(d + 1).fill(0);
  const order = shuffled(
    x.map((_, i) => i),
    seed + state.epoch + 1,
  );
  const batches = Math.ceil(x.length / optimiser.batchSize);
  for (let batch = 0; batch < batches; batch++) {
    const chosen = order.slice(batch * optimiser.batchSize, (batch + 1) * optimiser.batchSize);
    const gradient = new Array<number>(d + 1).fill(0);
    for (const i of chosen) {
      const row = x[i];
      if (!row) continue;
      const error = (sigmoid(logit(state, row)) - (y[i] ?? 0)) / chosen.length;
      for (let j = 0; j < d; j++) gradient[j] = (gradient[j] ?? 0) + error * (row[j] ?? 0);
      gradient[d] = (gradient[d] ?? 0) + error;
    }
    const rate = learningRateAt(
      { ...optimiser, ...(optimiser.schedule === "cosine" && { cosineOver: batches * optimiser.epochs }) },
      state.epoch * batches + batch,
    );
    for (let j = 0; j <= d; j++) {
      velocity[j] = optimiser.momentum * (velocity[j] ?? 0) - rate * (gradient[j] ?? 0);
      weights[j] = (weights[j] ?? 0) + (velocity[j] ?? 0);
    }
  }
  state.memory = [velocity];
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Sum of losses plus |w|^2 / (2 C), the bias without penalty, as scikit-learn writes it; and its gradient. */
function penalised(weights: readonly number[], rows: readonly Float64Array[], y: readonly number[], c: number) {
  const d = weights.length - 1;
  const gradient = new Array<number>(d + 1).fill(0);
  let value = 0;
  for (const [i, row] of rows.entries()) {
    let z = weights[d] ?? 0;
    for (let j = 0; j < d; j++) z += (weights[j] ?? 0) * (row[j] ?? 0);
    value += logLoss(z, y[i] ?? 0);
    const error = sigmoid(z) - (y[i] ?? 0);
    for (let j = 0; j < d; j++) gradient[j] = (gradient[j] ?? 0) + error * (row[j] ?? 0);
    gradient[d] = (gradient[d] ?? 0) + error;
  }
  for (let j = 0; j < d; j++) {
    const w = weights[j] ?? 0;
    value += (w * w) / (2 * c);
    gradient[j] = (gradient[j] ?? 0) + w / c;
  }
  return { value, gradient };
}

const historyLength = 10;
/** Largest component of the gradient at which the fit counts as converged (scikit-learn's `tol`). */
const tolerance = 1e-4;

/** One step of L-BFGS (Liu and Nocedal 1989) with backtracking (Armijo 1e-4). Memory: s and y of the last steps in turn. */
function logisticEpoch(state: HeadState, rows: readonly Float64Array[], y: readonly number[], c: number): void {
  const { value, gradient } = penalised(state.weights, rows, y, c);
  const pairs = Array.from({ length: state.memory.length / 2 }, (_, i) => ({
    s: state.memory[2 * i] ?? [],
    y: state.memory[2 * i + 1] ?? [],
  }));
  const direction = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (const pair of [...pairs].reverse()) {
    const alpha = dot(pair.s, direction) / dot(pair.s, pair.y);
    alphas.unshift(alpha);
    for (let j = 0; j < direction.length; j++) direction[j] = (direction[j] ?? 0) - alpha * (pair.y[j] ?? 0);
  }
  const newest = pairs.at(-1);
  const scale = newest
    ? dot(newest.s, newest.y) / dot(newest.y, newest.y)
    : 1 / Math.max(1, Math.sqrt(dot(gradient, gradient)));
  for (let j = 0; j < direction.length; j++) direction[j] = (direction[j] ?? 0) * scale;
  for (const [i, pair] of pairs.entries()) {
    const beta = dot(pair.y, direction) / dot(pair.s, pair.y);
    for (let j = 0; j < direction.length; j++)
      direction[j] = (direction[j] ?? 0) + ((alphas[i] ?? 0) - beta) * (pair.s[j] ?? 0);
  }
  const slope = dot(gradient, direction);
  for (let step = 1; step > 1e-10; step /= 2) {
    const next = state.weights.map((w, j) => w + step * (direction[j] ?? 0));
    const tried = penalised(next, rows, y, c);
    if (tried.value > value + 1e-4 * step * slope) continue;
    const s = next.map((w, j) => w - (state.weights[j] ?? 0));
    const change = tried.gradient.map((g, j) => g - (gradient[j] ?? 0));
    if (dot(s, change) > 0) state.memory = [...state.memory, s, change].slice(-2 * historyLength);
    state.weights = next;
    state.converged = tried.gradient.every((g) => Math.abs(g) < tolerance);
    return;
  }
  state.converged = true;
}

/**
 * Trains the unit until the regimen's epochs are done or the fit has converged.
 * @param resume a state to go on from: 2 epochs and 2 more give exactly what 4 give
 * @param onEpoch sees the state after every epoch; throws to stop
 */
export async function trainHead(options: {
  sample: Sample;
  optimiser: HeadOptimiser;
  seed: number;
  resume?: HeadState | undefined;
  onEpoch: (state: HeadState, loss: number) => Promise<void>;
}): Promise<HeadState> {
  const { sample, optimiser, seed } = options;
  const state = options.resume ? structuredClone(options.resume) : startState(optimiser, sample, seed);
  const rows =
    optimiser.kind === "logistic"
      ? sample.x.map((row) =>
          Float64Array.from(row, (value, j) => (value - (state.mean[j] ?? 0)) / (state.deviation[j] ?? 1)),
        )
      : [];
  while (state.epoch < optimiser.epochs && !state.converged) {
    if (optimiser.kind === "sgd") sgdEpoch(state, sample, optimiser, seed);
    else logisticEpoch(state, rows, sample.y, optimiser.c);
    state.epoch += 1;
    const loss = lossOf(state, sample);
    if (!Number.isFinite(loss)) throw new SaidError({ key: "worker.loss_no_number", values: { epoch: state.epoch } });
    await options.onEpoch(state, loss);
  }
  return state;
}
