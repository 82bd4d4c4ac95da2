import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tf } from "@/worker/engines";
import { unitLogits } from "./differentiable";
import { features, forward, type Network } from "./network";
import type { UnitWeights } from "./training-network";

export interface GradCam {
  logit: number;
  /** Weight of each of the 2048 maps of mixed10: the mean over its positions of d logit / d activation. */
  alpha: Float32Array;
  height: number;
  width: number;
  /** sum_k alpha_k A_k, [height * width], row by row. It sums to logit - bias. */
  raw: Float32Array;
  /** What speaks for the positive class: max(raw, 0) over its largest; zeros where nothing does. */
  positive: Float32Array;
  /** What speaks against it: the same of -raw. */
  negative: Float32Array;
}

function normalised(raw: Float32Array, sign: 1 | -1): Float32Array {
  const largest = raw.reduce((most, value) => Math.max(most, sign * value), 0);
  return raw.map((value) => (largest > 0 ? Math.max(sign * value, 0) / largest : 0));
}

/**
 * Grad-CAM (Selvaraju et al., ICCV 2017) at mixed10, of the logit: behind a sigmoid the maps would be the same, scaled.
 * @param input one image, [1, height, width, 3]
 */
export function gradCam(tf: Tf, network: Network, unit: UnitWeights, input: Tensor4D): GradCam {
  let logit = Number.NaN;
  let [height, width] = [0, 0];
  let [alpha, raw] = [new Float32Array(), new Float32Array()];
  tf.tidy(() => {
    const activation = forward(tf, network, input);
    [, height, width] = activation.shape;
    const kernel = tf.tensor2d(unit.kernel, [features, 1]);
    const bias = tf.tensor1d([unit.bias]);
    const logits = (mixed10: Tensor) => unitLogits(tf, mixed10 as Tensor4D, kernel, bias);
    const { value, grad } = tf.valueAndGrad(logits)(activation, tf.ones([1, 1]));
    const weights = tf.mean<Tensor2D>(grad as Tensor4D, [1, 2]);
    const maps: Tensor2D = tf.reshape(activation, [height * width, features]);
    [logit = Number.NaN] = value.dataSync();
    alpha = Float32Array.from(weights.dataSync());
    raw = Float32Array.from(tf.matMul(maps, tf.reshape(weights, [features, 1])).dataSync());
  });
  return { logit, alpha, height, width, raw, positive: normalised(raw, 1), negative: normalised(raw, -1) };
}
