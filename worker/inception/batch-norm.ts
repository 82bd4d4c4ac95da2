import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { epsilon } from "@/core/network/inception";
import type { Tf } from "@/worker/engines";
import { nativeKernels } from "@/worker/engines/native-kernels";
import type { Done } from "./tape";

/** Keras's momentum of moving averages: new = 0.99 old + 0.01 batch. */
const movingMomentum = 0.99;

/**
 * Sum over batch, rows and columns. The portable engine would turn the tensor over first; two products with a row of ones take it a tenth of
 * the time, with fewer roundings in a chain than one over all positions.
 * @param y [N, height, width, C]
 * @returns [C]
 */
function channelSums(tf: Tf, y: Tensor4D): Tensor1D {
  if (tf.getBackend() !== "wasm") return tf.sum(y, [0, 1, 2]);
  const [n, height, width, channels] = y.shape;
  const rows: Tensor2D = tf.reshape(y, [n * height, width * channels]);
  const columns: Tensor2D = tf.reshape(tf.matMul(tf.ones([1, n * height]), rows), [width, channels]);
  return tf.reshape(tf.matMul(tf.ones([1, width]), columns), [channels]);
}

/** What is normalised with, each [C]. */
export interface Normalisation {
  beta: Tensor1D;
  movingMean: Tensor1D;
  movingVariance: Tensor1D;
}

/** A batch that was normalised, and the moving averages as it moves them: tensors of the caller's. */
export interface NormalisedBatch extends Done {
  movingMean: Tensor1D;
  movingVariance: Tensor1D;
}

/**
 * Batch normalisation in training mode, and ReLU: relu((y - mean) / sqrt(variance + 1e-3) + beta), with mean and biased variance of this
 * batch (Ioffe and Szegedy, ICML 2015, algorithm 1, without scale). The moving variance takes the Bessel-corrected one, M / (M - 1). With g
 * the gradient where the ReLU let through, x the normalised y and M positions:
 *   d beta = sum g;   d y = (g - sum g / M - x sum(g x) / M) / sqrt(variance + 1e-3)
 * Engines on libtensorflow have kernels for both ways; the portable one composes them.
 * @param y convolution output, [N, height, width, C]; taken over, and disposed when the way back does without it
 */
export function normaliseBatch(tf: Tf, y: Tensor4D, given: Normalisation): NormalisedBatch {
  const kernels = nativeKernels(tf);
  if (kernels) {
    const { reserved, ...normalised } = kernels.normalise(y, { ...given, epsilon, momentum: movingMomentum });
    return {
      ...normalised,
      saved: [...reserved],
      back(dy) {
        const [toInput, toBeta] = kernels.normaliseGradient(dy, { y, value: normalised.value, reserved, epsilon });
        return { inputs: [toInput], parameters: [toBeta] };
      },
    };
  }
  const composed = tf.tidy(() => composedNormalisation(tf, y, given));
  y.dispose();
  const { value, normalised, scale, samples, ...averages } = composed;
  return {
    ...averages,
    value,
    saved: [normalised, scale],
    back(dy) {
      const g = tf.mul<Tensor4D>(dy, tf.step(value));
      const sum = channelSums(tf, g);
      const along = channelSums(tf, tf.mul<Tensor4D>(g, normalised));
      const removed = tf.add(tf.mul(normalised, tf.div(along, samples)), tf.div(sum, samples));
      return { inputs: [tf.mul(tf.sub(g, removed), scale)], parameters: [sum] };
    },
  };
}

function composedNormalisation(tf: Tf, y: Tensor4D, { beta, movingMean, movingVariance }: Normalisation) {
  const [n, height, width] = y.shape;
  const samples = n * height * width;
  const mean: Tensor1D = tf.div(channelSums(tf, y), samples);
  const centred = tf.sub<Tensor4D>(y, mean);
  const variance: Tensor1D = tf.div(channelSums(tf, tf.square(centred)), samples);
  const scale: Tensor1D = tf.rsqrt(tf.add(variance, epsilon));
  const normalised = tf.mul<Tensor4D>(centred, scale);
  const moved = (average: Tensor1D, batch: Tensor1D, factor: number): Tensor1D =>
    tf.add(tf.mul(average, movingMomentum), tf.mul(batch, (1 - movingMomentum) * factor));
  return {
    value: tf.relu(tf.add<Tensor4D>(normalised, beta)),
    normalised,
    scale,
    samples,
    movingMean: moved(movingMean, mean, 1),
    movingVariance: moved(movingVariance, variance, samples / Math.max(1, samples - 1)),
  };
}
