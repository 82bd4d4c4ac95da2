/*
 * Differences from Keras float64 that are allowed: about ten times what Keras float32, oneDNN and PyTorch differ among themselves (the table
 * of the fixtures' README). Where the table is silent, the line of the quantity that it comes from.
 */

/** Inference. */
export const inference = {
  /** A block's element over its standard deviation. */
  element: 2e-4,
  /** A block's mean or standard deviation over its standard deviation; relative, its sum of squares. */
  moment: 1e-5,
  /** Relative to the standard deviation of the pooled vector. */
  pooled: 2e-4,
  logit: 5e-5,
} as const;

/** Grad-CAM: absolute. */
export const gradCam = { raw: 1e-5, map: 1e-4, logit: 5e-5, alpha: 1e-7 } as const;

/** Values of 0 .. 255 in float32; relative, their sums. */
export const preprocessing = { value: 1e-4, sum: 1e-6 } as const;

/** Formulae: half a unit in the last place of a float32 near 1; relative, sums of squares. */
export const formulae = { value: 5e-8, sum: 1e-7 } as const;

/** Training: one column of the table. */
export interface TrainTolerances {
  logit: number;
  firstLoss: number;
  laterLosses: number;
  /** Relative. */
  gradientNorm: number;
  /** Relative. */
  headGradientNorm: number;
  headBiasGradient: number;
  /** Over the largest listed of the layer, or a thousandth of its norm. */
  gradientElement: number;
  /** Over its largest, after k steps. */
  velocity: (steps: number) => number;
  headKernel: number;
  /** Changes of weights are known to the last bit of the weight: absolute, and a share of the largest. */
  change: { absolute: number; share: number };
  movingMean: number;
  /** Absolute, and relative. */
  movingVariance: number;
}

const shared = {
  logit: 2e-4,
  firstLoss: 5e-5,
  headGradientNorm: 1e-4,
  headKernel: 5e-7,
  change: { absolute: 1e-6, share: 0.05 },
  movingMean: 1e-4,
  movingVariance: 1e-4,
} as const;

const rising = (one: number, two: number, five: number) => (steps: number) =>
  steps < 2 ? one : steps < 5 ? two : five;

/** "train_a": nothing, or less than through mixed2, is frozen, and rounding is amplified at full depth. */
const everythingLearns: TrainTolerances = {
  ...shared,
  laterLosses: 5e-4,
  gradientNorm: 2e-2,
  headBiasGradient: 1e-4,
  gradientElement: 1e-1,
  velocity: rising(3e-4, 1.5e-3, 4e-3),
};

/** "train_b": frozen at least through mixed2. */
const upperHalfLearns: TrainTolerances = {
  ...shared,
  laterLosses: 1e-4,
  gradientNorm: 1e-4,
  headBiasGradient: 1e-5,
  gradientElement: 2e-3,
  velocity: rising(3e-4, 4e-4, 1.5e-3),
};

/** "train_head": all is frozen but the unit. */
const unitLearns: TrainTolerances = { ...upperHalfLearns, velocity: rising(5e-5, 5e-5, 5e-5) };

export const trainTolerances = (frozen: number): TrainTolerances =>
  frozen >= 94 ? unitLearns : frozen >= 26 ? upperHalfLearns : everythingLearns;
