import { z } from "zod";

/** The paper's optimiser: momentum SGD with Keras time decay, lr / (1 + decay * step). */
const sgd = z.strictObject({
  kind: z.literal("sgd"),
  learningRate: z.number().positive(),
  momentum: z.number().min(0).lt(1),
  decay: z.number().min(0),
  batchSize: z.int().min(1),
  epochs: z.int().min(1).max(100_000),
});

/** L2 logistic regression on standardised features, full batch, until the gradient is small or `epochs` iterations are done. */
const logistic = z.strictObject({
  kind: z.literal("logistic"),
  /** Inverse strength of the penalty, as in scikit-learn. */
  c: z.number().positive(),
  epochs: z.int().min(1).max(100_000),
});

/** How the network is trained and scored; stored whole with each run. */
export const regimen = z.strictObject({
  architecture: z.literal("inception-v3"),
  weights: z.literal("nsfwjs-4.4.0"),
  /** What learns: the sigmoid unit on frozen features. */
  trainable: z.literal("head"),
  inputSize: z.literal(299),
  scaling: z.literal("divide-by-255"),
  folds: z.int().min(2).max(20),
  /** What never stands on two sides of the split. */
  splitUnit: z.literal("patient"),
  /** Score from which the network calls a crop positive. */
  threshold: z.number().gt(0).lt(1),
  seed: z.int().min(0).max(2_147_483_647).default(1),
  optimiser: z.discriminatedUnion("kind", [sgd, logistic]),
});

export type Regimen = z.infer<typeof regimen>;
