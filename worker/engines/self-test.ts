import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import type { Said } from "@/core/words";
import type { Tf } from "./types";

/*
 * One convolution, forward and backward, in the size of the network's middle. An engine computes it with its own kernels; the portable engine
 * computes the reference as sums of matrix products, one for each place of the kernel.
 */

const [rows, channels, filters, reach] = [35, 48, 64, 3];
const outputs = rows - reach + 1;
const repetitions = 5;

/** Largest distance from the reference, in standard deviations of the reference: that of the parity tests. */
export const tolerance = 2e-4;

export interface Convolution {
  forward: Float32Array;
  toInput: Float32Array;
  /** Null where the engine has no kernel for it. */
  toKernel: Float32Array | null;
  /** Forward and backward once, the median of a few. */
  milliseconds: number;
}

const wave = (length: number, pace: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(pace * i + 0.3 * i * i));

const shapes = {
  input: [1, rows, rows, channels],
  kernel: [reach, reach, channels, filters],
  output: [1, outputs, outputs, filters],
} satisfies Record<string, [number, number, number, number]>;

type Numbers = Omit<Convolution, "milliseconds">;

/** How far the numbers of an engine are from the reference, in standard deviations of the reference. */
export interface Distances {
  forward: number;
  toInput: number;
  toKernel: number | null;
}
type Formula = (tf: Tf, x: Tensor4D, kernel: Tensor4D, upstream: Tensor4D) => Tensor[];

const attributes = { strides: 1, pad: "valid", dataFormat: "NHWC" };

/** Output, gradient of the input, and that of the kernel where the engine can, each by a kernel of its own. */
const byKernels: Formula = (tf, x, kernel, upstream) => {
  const own = [tf.conv2d(x, kernel, 1, "valid"), tf.conv2dTranspose(upstream, kernel, shapes.input, 1, "valid")];
  if (!tf.getKernel(tf.Conv2DBackpropFilter, tf.getBackend())) return own;
  const toKernel: Tensor = tf
    .engine()
    .runKernel(tf.Conv2DBackpropFilter, { x, dy: upstream }, { ...attributes, filterShape: shapes.kernel });
  return [...own, toKernel];
};

/** The same, each as a sum over the places of the kernel. */
const byProducts: Formula = (tf, x, kernel, upstream) => {
  const flat = tf.reshape(upstream, [outputs ** 2, filters]);
  const places = Array.from({ length: reach * reach }, (_, i) => [Math.floor(i / reach), i % reach] as const);
  const parts = places.map(([row, column]) => {
    const seen = tf.reshape(tf.slice(x, [0, row, column, 0], [1, outputs, outputs, channels]), [
      outputs ** 2,
      channels,
    ]);
    const weights = tf.reshape(tf.slice(kernel, [row, column, 0, 0], [1, 1, channels, filters]), [channels, filters]);
    const back = tf.reshape(tf.matMul(flat, weights, false, true), [1, outputs, outputs, channels]);
    const margins: [number, number][] = [
      [0, 0],
      [row, reach - 1 - row],
      [column, reach - 1 - column],
      [0, 0],
    ];
    return { forward: tf.matMul(seen, weights), toInput: tf.pad(back, margins), toKernel: tf.matMul(seen, flat, true) };
  });
  return [
    tf.addN(parts.map(({ forward }) => forward)),
    tf.addN(parts.map(({ toInput }) => toInput)),
    tf.concat(parts.map(({ toKernel }) => toKernel)),
  ];
};

const inputs = (tf: Tf): [Tensor4D, Tensor4D, Tensor4D] => [
  tf.tensor4d(wave(rows * rows * channels, 0.7), shapes.input),
  tf.tensor4d(wave(reach * reach * channels * filters, 1.1), shapes.kernel),
  tf.tensor4d(wave(outputs * outputs * filters, 0.4), shapes.output),
];

function compute(tf: Tf, formula: Formula, given: [Tensor4D, Tensor4D, Tensor4D]): Numbers {
  const tensors = tf.tidy(() => formula(tf, ...given));
  const [forward = new Float32Array(), toInput = new Float32Array(), toKernel = null] = tensors.map((tensor) =>
    Float32Array.from(tensor.dataSync()),
  );
  tf.dispose(tensors);
  return { forward, toInput, toKernel };
}

/** The convolution with the engine's own kernels. */
export function selfTest(tf: Tf): Convolution {
  const given = inputs(tf);
  let result = compute(tf, byKernels, given);
  const times = Array.from({ length: repetitions }, () => {
    const started = performance.now();
    result = compute(tf, byKernels, given);
    return performance.now() - started;
  });
  tf.dispose(given);
  const median = times.sort((a, b) => a - b)[Math.floor(repetitions / 2)] ?? Number.NaN;
  return { ...result, milliseconds: median };
}

/** The same numbers by matrix products. */
export const reference = (tf: Tf): Numbers => compute(tf, byProducts, inputs(tf));

/** Largest |value - expected| in standard deviations of what is expected; infinite when one is no number. */
export function deviation(values: Float32Array, expected: Float32Array): number {
  if (values.length !== expected.length) return Number.POSITIVE_INFINITY;
  const mean = expected.reduce((sum, value) => sum + value, 0) / expected.length;
  const variance = expected.reduce((sum, value) => sum + (value - mean) ** 2, 0) / expected.length;
  let largest = 0;
  for (const [i, value] of values.entries()) {
    const distance = Math.abs(value - (expected[i] ?? Number.NaN));
    if (!(distance <= largest)) largest = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
  }
  return largest / Math.sqrt(variance);
}

export const distances = (own: Numbers, expected: Numbers): Distances => ({
  forward: deviation(own.forward, expected.forward),
  toInput: deviation(own.toInput, expected.toInput),
  toKernel: own.toKernel && expected.toKernel && deviation(own.toKernel, expected.toKernel),
});

/** Numbers rounded to TF32 are 1.2e-3 off in this convolution, computed and on a card alike. */
const ofTf32 = { least: 5e-4, most: 5e-3 };

/** Why an engine this far off cannot be used; null when it can. */
export function whyTooFar({ forward, toInput, toKernel }: Distances): Said | null {
  const worst = Math.max(forward, toInput, toKernel ?? 0);
  if (worst <= tolerance) return null;
  const key =
    worst >= ofTf32.least && worst <= ofTf32.most
      ? "worker.engine.computing_in_tf32"
      : "worker.engine.computing_wrongly";
  return { key, values: { off: worst.toPrecision(2), allowed: tolerance } };
}
