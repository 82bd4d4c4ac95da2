import type { GradSaveFunc, NamedTensorMap, Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Padding } from "@/core/network/inception";
import type { Tf } from "@/worker/engines";
import { nativeKernels } from "@/worker/engines/native-kernels";
import { type FoldedLayer, foldedConvolution } from "./network";
import type { Done } from "./tape";

/*
 * The network's operations with their gradients written out, so that training needs no more of an engine than its kernels. (TensorFlow.js
 * registers gradients of its own in a package that not every engine brings.)
 */

/**
 * Convolution without bias.
 * @param x [N, height, width, C]
 * @param kernel [height, width, C, F]
 * @param options.learnsInput false: nothing before x learns, and its gradient is left out
 */
export function convolution(
  tf: Tf,
  x: Tensor4D,
  kernel: Tensor4D,
  options: { stride: 1 | 2; padding: Padding; learnsInput: boolean },
): Done {
  const [height, width] = kernel.shape;
  const pointwise = height === 1 && width === 1 && options.stride === 1 ? nativeKernels(tf)?.pointwise : null;
  if (pointwise)
    return {
      value: pointwise.convolve(x, kernel),
      saved: [],
      back: (dy) => ({
        parameters: [pointwise.kernelGradient(x, dy)],
        inputs: options.learnsInput ? [pointwise.inputGradient(dy, kernel)] : [],
      }),
    };
  const attrs = { strides: options.stride, pad: options.padding, dataFormat: "NHWC" };
  const gradient = (kernel: string, inputs: NamedTensorMap, shape: object): Tensor4D =>
    tf.engine().runKernel(kernel, inputs, { ...attrs, ...shape });
  return {
    value: tf.conv2d(x, kernel, options.stride, options.padding),
    saved: [],
    back: (dy) => ({
      parameters: [gradient(tf.Conv2DBackpropFilter, { x, dy }, { filterShape: kernel.shape })],
      inputs: options.learnsInput
        ? [gradient(tf.Conv2DBackpropInput, { dy, filter: kernel }, { inputShape: x.shape })]
        : [],
    }),
  };
}

/**
 * A frozen convolution with its folded normalisation and ReLU, for its input alone: d x is the transposed convolution of d y where the ReLU
 * let through.
 */
export function frozenConvolution(
  tf: Tf,
  x: Tensor4D,
  layer: FoldedLayer,
  { stride, padding }: { stride: 1 | 2; padding: Padding },
): Done {
  const attrs = { strides: stride, pad: padding, dataFormat: "NHWC", inputShape: x.shape };
  const value = foldedConvolution(tf, x, layer, stride, padding);
  return {
    value,
    saved: [],
    back: (dy) => {
      const through = tf.mul<Tensor4D>(dy, tf.step(value));
      return {
        inputs: [tf.engine().runKernel(tf.Conv2DBackpropInput, { dy: through, filter: layer.kernel }, attrs)],
        parameters: [],
      };
    },
  };
}

/** 3 x 3 at stride 2, without padding. */
export function maxPool(tf: Tf, x: Tensor4D): Done {
  const kernels = nativeKernels(tf);
  const pooled = kernels?.maxPool?.(x);
  if (kernels && pooled)
    return {
      value: pooled.value,
      saved: [pooled.workspace],
      back: (dy) => ({ inputs: [kernels.maxPoolGradient(dy, { x, ...pooled })], parameters: [] }),
    };
  const attrs = { filterSize: 3, strides: 2, pad: "valid" };
  const value = tf.maxPool(x, 3, 2, "valid");
  return {
    value,
    saved: [],
    back: (dy) => ({
      inputs: [tf.engine().runKernel(tf.MaxPoolGrad, { dy, input: x, output: value }, attrs)],
      parameters: [],
    }),
  };
}

/** How many of the 3 positions around each of `n` there are. */
const neighbours = (n: number) => Array.from({ length: n }, (_, i) => Math.min(i + 1, n - 1) - Math.max(i - 1, 0) + 1);

/**
 * 3 x 3 at stride 1, over the pixels that are there. The gradient is one such pooling again: with c the number of pixels around each place,
 * d x = c pool(d y / c). (The kernels that the portable engine has for it divide by 9 at the border too; libtensorflow's is right.)
 */
export function averagePool(tf: Tf, x: Tensor4D): Done {
  const [, height, width] = x.shape;
  const composed = (dy: Tensor4D): Tensor4D => {
    const rows = tf.tensor2d(neighbours(height), [height, 1]);
    const counts = tf.reshape(tf.mul(rows, tf.tensor2d(neighbours(width), [1, width])), [1, height, width, 1]);
    return tf.mul(tf.avgPool(tf.div<Tensor4D>(dy, counts), 3, 1, "same"), counts);
  };
  return {
    value: tf.avgPool(x, 3, 1, "same"),
    saved: [],
    back: (dy) => ({
      inputs: [nativeKernels(tf)?.averagePoolGradient(dy, x.shape) ?? composed(dy)],
      parameters: [],
    }),
  };
}

/** Channels one after the other. */
export function concat(tf: Tf, xs: readonly Tensor4D[]): Done {
  const channels = xs.map((x) => x.shape[3]);
  return {
    value: tf.concat([...xs], 3),
    saved: [],
    back: (dy) => ({ inputs: tf.split(dy, channels, 3), parameters: [] }),
  };
}

/**
 * The last unit: its logits from mixed10 through the global average, z = pooled kernel + bias. d kernel = pooled' d z; d bias = sum d z;
 * d mixed10 = d z kernel', spread evenly over the positions.
 * @param mixed10 [N, height, width, 2048]
 * @param kernel [2048, 1]
 * @param bias [1]
 * @returns [N, 1]
 */
export function unitLogits(tf: Tf, mixed10: Tensor4D, kernel: Tensor2D, bias: Tensor1D): Tensor2D {
  const [n, height, width, channels] = mixed10.shape;
  const operation = tf.customGrad<Tensor2D>((...inputs) => {
    const [mixed10, kernel, bias, save] = inputs as [Tensor4D, Tensor2D, Tensor1D, GradSaveFunc];
    const pooled = tf.mean<Tensor2D>(mixed10, [1, 2]);
    save([pooled, kernel]);
    return {
      value: tf.add(tf.matMul(pooled, kernel), bias),
      gradFunc: (dz: Tensor2D, saved: Tensor[]) => {
        const [pooled, kernel] = saved as [Tensor2D, Tensor2D];
        const each = tf.div(tf.matMul(dz, kernel, false, true), height * width);
        const spread = tf.tile(tf.reshape(each, [n, 1, 1, channels]), [1, height, width, 1]);
        return [spread, tf.matMul(pooled, dz, true, false), tf.reshape(tf.sum(dz), [1])];
      },
    };
  });
  return operation(mixed10, kernel, bias);
}

/**
 * Binary cross-entropy from logits: the mean over the batch of w (log(1 + exp(z)) - y z). d z = w (sigmoid(z) - y) / N.
 * @param logits [N, 1]
 * @param labels 0 or 1, [N, 1]
 * @param weights w of each example, [N, 1]; 1 without
 */
export function crossEntropy(tf: Tf, logits: Tensor2D, labels: Tensor2D, weights?: Tensor2D): Scalar {
  const weighted = (each: Tensor2D): Tensor2D => (weights ? tf.mul(weights, each) : each);
  const operation = tf.customGrad<Scalar>((...inputs) => {
    const [z, save] = inputs as [Tensor2D, GradSaveFunc];
    save([z]);
    return {
      value: tf.mean(weighted(tf.sub(tf.softplus(z), tf.mul(labels, z)))),
      gradFunc: (dy: Scalar, saved: Tensor[]) => {
        const [z] = saved as [Tensor2D];
        return tf.mul(tf.div(weighted(tf.sub(tf.sigmoid(z), labels)), logits.shape[0]), dy);
      },
    };
  });
  return operation(logits);
}
