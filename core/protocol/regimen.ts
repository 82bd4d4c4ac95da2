import { z } from "zod";
import { frozenUnits, isDepth, mixedBlocks } from "@/core/network/freezing";
import { convolutions } from "@/core/network/inception";
import { largestInput, publishedInput, smallestInput } from "@/core/network/input";
import type { Said } from "@/core/words";

/** Momentum SGD of the paper, v = m v - lr_t g. The rate by Keras time decay, lr / (1 + decay * updates done), or a half cosine to 0. */
const sgd = z.strictObject({
  kind: z.literal("sgd"),
  learningRate: z.number().positive(),
  momentum: z.number().min(0).lt(1),
  decay: z.number().min(0),
  schedule: z.enum(["time-decay", "cosine"]).default("time-decay"),
  batchSize: z.int().min(1).max(1024),
  epochs: z.int().min(1).max(100_000),
});

/** L2 logistic regression on standardised features, full batch, until the gradient is small or `epochs` iterations are done. */
const logistic = z.strictObject({
  kind: z.literal("logistic"),
  /** Inverse strength of the penalty, as in scikit-learn. */
  c: z.number().positive(),
  epochs: z.int().min(1).max(100_000),
});

/** What never stands on two sides of the split. "node" and "image" let a patient stand on both: such a run is labelled as leaking. */
export const splitUnit = z.enum(["patient", "node", "image"]);
export type SplitUnit = z.infer<typeof splitUnit>;

/** Whether a split lets a patient stand on both sides. Not that of a model trained elsewhere, which was not split here. */
export const splitLeaks = ({ trainable, splitUnit }: { trainable: string; splitUnit: SplitUnit }): boolean =>
  trainable !== "elsewhere" && splitUnit !== "patient";

/** Inception-v3 without its last layer: where the numbers that training starts from come from. */
export const pretrainedWeights = z.enum(["nsfwjs-4.4.0", "imagenet-keras", "random"]);

export const frozenUnit = z.enum(frozenUnits);

const split = {
  folds: z.int().min(2).max(20),
  splitUnit,
  /** Score from which a crop is called positive. */
  threshold: z.number().gt(0).lt(1),
  seed: z.int().min(0).max(2_147_483_647).default(1),
  /** Control: the training side learns labels that were exchanged between patients. The scores of an honest pipeline then have an AUC near 0.5. */
  shuffledLabels: z.boolean().default(false),
};

const inception = {
  architecture: z.literal("inception-v3"),
  weights: pretrainedWeights,
  /** Side of the square that the network sees, in pixels. */
  inputSize: z.int().min(smallestInput).max(largestInput).default(publishedInput),
  /** Crops rescaled to one size before padding, because the padding shows how large a node is. */
  sizeBlind: z.boolean().default(false),
  /** "fastest": the fastest that works where the worker runs. */
  engine: z.enum(["fastest", "cuda", "native", "portable"]).default("fastest"),
};

/** The last unit on frozen features, which are computed once. */
export const headRegimen = z.strictObject({
  trainable: z.literal("head"),
  ...split,
  ...inception,
  scaling: z.literal("divide-by-255"),
  optimiser: z.discriminatedUnion("kind", [sgd, logistic]),
});

/** The network behind its first `frozen` layers. Frozen layers normalise with moving statistics, the others with those of the micro-batch. */
export const networkRegimen = z.strictObject({
  trainable: z.literal("network"),
  ...split,
  ...inception,
  /** (x - mean of the padded training canvases) / divisor. */
  scaling: z.enum(["subtract-mean-divide-by-255", "subtract-mean-divide-by-127.5"]),
  frozen: z.int().min(0).max(convolutions),
  frozenUnit,
  /** Epochs at the beginning in which the last unit alone learns. */
  headFirstEpochs: z.int().min(0).default(0),
  optimiser: sgd,
  /** Images whose gradients are computed together. Batch statistics are those of a micro-batch, and the moving averages move once for each. */
  microBatch: z.int().min(1).max(256),
  flipHorizontal: z.boolean(),
  flipVertical: z.boolean(),
  /** Uniform within plus or minus this. */
  rotationDegrees: z.number().min(0).max(180),
  /** Standard deviation of Gaussian noise, of 255; 0: none. */
  noiseSigma: z.number().min(0).max(64),
  /** Gaussian blur with a standard deviation uniform between 0 and this, in pixels; 0: none. */
  blurSigma: z.number().min(0).max(10),
  /** "balanced": both classes weigh the same in the loss. */
  classWeights: z.enum(["none", "balanced"]),
  /** Share of the training side's patients on which nothing is trained: curves, early stopping and the operating point come from them. */
  tuningFraction: z.number().min(0).max(0.5),
  /** Epochs without a lower loss on the tuning part after which training stops and the best epoch counts; 0: never. */
  patience: z.int().min(0),
  /** "youden": the score with the best sensitivity + specificity on the tuning part of each fold, instead of `threshold`. */
  operatingPoint: z.enum(["fixed", "youden"]),
});
export type NetworkRegimen = z.infer<typeof networkRegimen>;

/** No image at all: what size alone tells. A network that is no better has learned the size. */
export const baselineRegimen = z.strictObject({
  trainable: z.literal("baseline"),
  ...split,
  /** Short axis in mm, or width and height of the crop in pixels. */
  baseline: z.enum(["short-axis", "crop-size"]),
  optimiser: logistic,
});

/** Scores that a model trained elsewhere gave. Which patients it has seen is not known here. */
export const elsewhereRegimen = z.strictObject({
  trainable: z.literal("elsewhere"),
  ...split,
  /** Who made it, with what, on which data. */
  provenance: z.string().trim().min(10, "fields.provenance").max(4000),
  sourceFile: z.string().max(200),
  /** SHA-256 of the file that was brought. */
  sourceSha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** How a run is made; stored whole with it. */
export const regimen = z.discriminatedUnion("trainable", [
  headRegimen,
  networkRegimen,
  baselineRegimen,
  elsewhereRegimen,
]);
export type Regimen = z.infer<typeof regimen>;

/** A protocol trains the network or its last unit; controls and other people's models are runs beside it. */
export const protocolRegimen = z.discriminatedUnion("trainable", [headRegimen, networkRegimen]);
export type ProtocolRegimen = z.infer<typeof protocolRegimen>;

/** What a regimen asks for that cannot be done; none: it can. */
export function problemsOf(config: Regimen): Said[] {
  if (config.trainable === "head" && config.weights !== "nsfwjs-4.4.0")
    return [{ key: "errors.regimen.weights", values: { weights: config.weights } }];
  if (config.trainable !== "network") return [];
  const { epochs, batchSize } = config.optimiser;
  const problems: Said[] = [];
  if (!isDepth(config))
    problems.push({ key: "errors.regimen.frozen", values: { frozen: config.frozen, most: mixedBlocks } });
  if (config.tuningFraction === 0 && config.patience > 0) problems.push({ key: "errors.regimen.patience" });
  if (config.tuningFraction === 0 && config.operatingPoint === "youden")
    problems.push({ key: "errors.regimen.operating_point" });
  const batches = { micro: config.microBatch, batch: batchSize };
  if (config.microBatch > batchSize) problems.push({ key: "errors.regimen.micro_batch_most", values: batches });
  else if (batchSize % config.microBatch !== 0)
    problems.push({ key: "errors.regimen.micro_batch_whole", values: batches });
  if (config.headFirstEpochs >= epochs && config.headFirstEpochs > 0)
    problems.push({ key: "errors.regimen.head_first", values: { first: config.headFirstEpochs, epochs } });
  return problems;
}

/** The founding study's regimen where it is unambiguous (doi 10.21037/qims-20-525), for protocols that train the last unit only. */
export const paperNetwork: Omit<NetworkRegimen, keyof typeof split | "weights" | "engine" | "sizeBlind"> = {
  trainable: "network",
  architecture: "inception-v3",
  inputSize: publishedInput,
  scaling: "subtract-mean-divide-by-255",
  frozen: 3,
  frozenUnit: "blocks",
  headFirstEpochs: 0,
  optimiser: {
    kind: "sgd",
    learningRate: 1e-4,
    momentum: 0.95,
    decay: 1e-6,
    schedule: "time-decay",
    batchSize: 64,
    epochs: 200,
  },
  microBatch: 16,
  flipHorizontal: true,
  flipVertical: true,
  rotationDegrees: 180,
  noiseSigma: 5,
  blurSigma: 1,
  classWeights: "none",
  tuningFraction: 0.1,
  patience: 0,
  operatingPoint: "fixed",
};
