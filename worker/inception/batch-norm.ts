import type { GradSaveFunc, Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tf } from "@/worker/engines";
import { epsilon } from "./network";

/** Keras's momentum of moving averages: new = 0.99 old + 0.01 batch. */
export const movingMomentum = 0.99;

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

/** The batch's own moments, per channel. */
export interface Moments {
  mean: Tensor1D;
  /** Biased: divided by the number of positions. */
  variance: Tensor1D;
  /** batch x height x width. */
  samples: number;
}

/**
 * Batch normalisation in training mode, and ReLU: relu((y - mean) / sqrt(variance + 1e-3) + beta), with mean and biased variance of this
 * batch (Ioffe and Szegedy, ICML 2015, algorithm 1, without scale). The gradient is written out instead of left to the tape, which would
 * keep three times as many tensors. With g the gradient where the ReLU let through, x the normalised y and M positions:
 *   d beta = sum g;   d y = (g - sum g / M - x sum(g x) / M) / sqrt(variance + 1e-3)
 * @param y convolution output, [N, height, width, C]
 * @param beta [C]
 * @param onMoments sees the moments, which live as long as the call
 */
export function normaliseBatch(tf: Tf, y: Tensor4D, beta: Tensor1D, onMoments?: (moments: Moments) => void): Tensor4D {
  const [n, height, width] = y.shape;
  const samples = n * height * width;
  const operation = tf.customGrad<Tensor4D>((...inputs) => {
    const [y, beta, save] = inputs as [Tensor4D, Tensor1D, GradSaveFunc];
    const mean: Tensor1D = tf.div(channelSums(tf, y), samples);
    const centred = tf.sub<Tensor4D>(y, mean);
    const variance: Tensor1D = tf.div(channelSums(tf, tf.square(centred)), samples);
    const scale = tf.rsqrt(tf.add(variance, epsilon));
    const normalised = tf.mul<Tensor4D>(centred, scale);
    const value = tf.relu(tf.add<Tensor4D>(normalised, beta));
    onMoments?.({ mean, variance, samples });
    save([normalised, value, scale]);
    return {
      value,
      gradFunc: (dy: Tensor4D, saved: Tensor[]) => {
        const [normalised, value, scale] = saved as [Tensor4D, Tensor4D, Tensor1D];
        const g = tf.mul<Tensor4D>(dy, tf.step(value));
        const sum = channelSums(tf, g);
        const along = channelSums(tf, tf.mul<Tensor4D>(g, normalised));
        const removed = tf.add(tf.mul(normalised, tf.div(along, samples)), tf.div(sum, samples));
        return [tf.mul(tf.sub(g, removed), scale), sum];
      },
    };
  });
  return operation(y, beta);
}
