import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { type Builder, blockNames, blocks, convolutionsThrough, features } from "@/core/network/inception";
import type { Tf } from "@/worker/engines";
import { averagePool, concat, frozenConvolution, maxPool, unitLogits } from "./differentiable";
import { forward, type Network } from "./network";
import { openTape } from "./tape";
import type { UnitWeights } from "./training-network";

/** Where the maps are taken: 8 x 8 or 17 x 17 positions at full size. */
export type CamBlock = "mixed10" | "mixed7";

/**
 * Where the positions of a block's maps look: position i is centred on pixel `first` + `step` i of the input, in both directions. By the
 * strides and the padding of the network; stretching the map over the whole input would be up to 19 pixels off.
 */
export const camGrid: Readonly<Record<CamBlock, { first: number; step: number }>> = {
  mixed7: { first: 21, step: 16 },
  mixed10: { first: 37, step: 32 },
};

export interface GradCam {
  logit: number;
  /** Weight of each map of the block: the mean over its positions of d logit / d activation. */
  alpha: Float32Array;
  height: number;
  width: number;
  /** sum_k alpha_k A_k, [height * width], row by row. At mixed10 it sums to logit - bias. */
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
 * The logits from the output of a block in inference mode, and the gradient of their sum by that output; to be called within tf.tidy.
 * @param output [N, h, w, C]
 * @returns logits [N, 1]; gradient [N, h, w, C]
 */
export function logitsFrom(
  tf: Tf,
  network: Network,
  unit: UnitWeights,
  block: CamBlock,
  output: Tensor4D,
): { logits: Tensor2D; gradient: Tensor4D } {
  const layers = network.layers.slice(convolutionsThrough(block)).values();
  const tape = openTape(tf, output);
  const builder: Builder<Tensor4D> = {
    maxPool: (x) => tape.record(maxPool(tf, x), [x]),
    averagePool: (x) => tape.record(averagePool(tf, x), [x]),
    concat: (xs) => tape.record(concat(tf, xs), xs),
    conv(x, _filters, _height, _width, stride, padding) {
      const { value } = layers.next();
      if (!value) throw new RangeError("the network has fewer layers than its topology");
      return tape.record(frozenConvolution(tf, x, value, { stride, padding }), [x]);
    },
  };
  const mixed10 = blockNames.slice(blockNames.indexOf(block) + 1).reduce((x, name) => blocks[name](builder, x), output);
  const kernel = tf.tensor2d(unit.kernel, [features, 1]);
  const bias = tf.tensor1d([unit.bias]);
  const last = (x: Tensor) => unitLogits(tf, x as Tensor4D, kernel, bias);
  const { value, grad } = tf.valueAndGrad(last)(mixed10, tf.ones([mixed10.shape[0], 1]));
  const gradient = tape.back(mixed10, grad as Tensor4D);
  if (!gradient) throw new Error(`nothing comes of the output of ${block}`);
  return { logits: value as Tensor2D, gradient };
}

/**
 * Grad-CAM (Selvaraju et al., ICCV 2017) of the logit: behind a sigmoid the maps would be the same, scaled. mixed7 is finer and less of
 * what the network goes by: what comes after may still combine its positions in another way than the weights say.
 * @param input one image, [1, height, width, 3]
 */
export function gradCam(
  tf: Tf,
  network: Network,
  unit: UnitWeights,
  input: Tensor4D,
  block: CamBlock = "mixed10",
): GradCam {
  let logit = Number.NaN;
  let [height, width] = [0, 0];
  let [alpha, raw] = [new Float32Array(), new Float32Array()];
  tf.tidy(() => {
    let activation = input;
    forward(tf, network, input, (name, output) => {
      if (name === block) activation = output;
    });
    const [, rows, columns, maps] = activation.shape;
    [height, width] = [rows, columns];
    const { logits, gradient } = logitsFrom(tf, network, unit, block, activation);
    const weights = tf.mean<Tensor2D>(gradient, [1, 2]);
    const positions: Tensor2D = tf.reshape(activation, [rows * columns, maps]);
    [logit = Number.NaN] = logits.dataSync();
    alpha = Float32Array.from(weights.dataSync());
    raw = Float32Array.from(tf.matMul(positions, tf.reshape(weights, [maps, 1])).dataSync());
  });
  return { logit, alpha, height, width, raw, positive: normalised(raw, 1), negative: normalised(raw, -1) };
}
