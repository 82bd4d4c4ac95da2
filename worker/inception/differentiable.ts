import type { GradSaveFunc, Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tf } from "@/worker/engines";
import type { Padding } from "./network";

/*
 * The network's operations with their gradients written out, so that training needs no more of an engine than its kernels. (TensorFlow.js
 * registers gradients of its own in a package that not every engine brings.)
 */

/** Convolution without bias. @param learnsInput false: nothing before x learns, and its gradient is left out */
export function convolution(
  tf: Tf,
  x: Tensor4D,
  kernel: Tensor4D,
  options: { stride: 1 | 2; padding: Padding; learnsInput: boolean },
): Tensor4D {
  const attrs = { strides: options.stride, pad: options.padding, dataFormat: "NHWC" };
  const filterGradient = (x: Tensor4D, dy: Tensor4D): Tensor4D =>
    tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, { ...attrs, filterShape: kernel.shape });
  const inputGradient = (filter: Tensor4D, dy: Tensor4D): Tensor4D =>
    tf.engine().runKernel(tf.Conv2DBackpropInput, { dy, filter }, { ...attrs, inputShape: x.shape });
  const operation = tf.customGrad<Tensor4D>((...inputs) => {
    const [filter] = inputs as Tensor4D[];
    const save = inputs.at(-1) as GradSaveFunc;
    if (!filter) throw new TypeError("a convolution without a filter");
    save([x, filter]);
    return {
      value: tf.conv2d(x, filter, options.stride, options.padding),
      gradFunc: (dy: Tensor4D, saved: Tensor[]) => {
        const [x, filter] = saved as [Tensor4D, Tensor4D];
        const gradient = filterGradient(x, dy);
        return options.learnsInput ? [gradient, inputGradient(filter, dy)] : [gradient];
      },
    };
  });
  return options.learnsInput ? operation(kernel, x) : operation(kernel);
}

/** 3 x 3 at stride 2, without padding. */
export function maxPool(tf: Tf, x: Tensor4D): Tensor4D {
  const attrs = { filterSize: 3, strides: 2, pad: "valid" };
  const operation = tf.customGrad<Tensor4D>((...inputs) => {
    const [x, save] = inputs as [Tensor4D, GradSaveFunc];
    const value = tf.maxPool(x, 3, 2, "valid");
    save([x, value]);
    return {
      value,
      gradFunc: (dy: Tensor4D, saved: Tensor[]) => {
        const [input, output] = saved as [Tensor4D, Tensor4D];
        return tf.engine().runKernel<Tensor>(tf.MaxPoolGrad, { dy, input, output }, attrs);
      },
    };
  });
  return operation(x);
}

/** How many of the 3 positions around each of `n` there are. */
const neighbours = (n: number) => Array.from({ length: n }, (_, i) => Math.min(i + 1, n - 1) - Math.max(i - 1, 0) + 1);

/**
 * 3 x 3 at stride 1, over the pixels that are there. The gradient is one such pooling again: with c the number of pixels around each place,
 * d x = c pool(d y / c). (The kernels that the portable engine has for it divide by 9 at the border too.)
 */
export function averagePool(tf: Tf, x: Tensor4D): Tensor4D {
  const [, height, width] = x.shape;
  const operation = tf.customGrad<Tensor4D>((...inputs) => {
    const [x] = inputs as [Tensor4D];
    return {
      value: tf.avgPool(x, 3, 1, "same"),
      gradFunc: (dy: Tensor4D) => {
        const rows = tf.tensor2d(neighbours(height), [height, 1]);
        const counts = tf.reshape(tf.mul(rows, tf.tensor2d(neighbours(width), [1, width])), [1, height, width, 1]);
        return tf.mul(tf.avgPool(tf.div<Tensor4D>(dy, counts), 3, 1, "same"), counts);
      },
    };
  });
  return operation(x);
}

/** Channels one after the other. */
export function concat(tf: Tf, xs: Tensor4D[]): Tensor4D {
  const channels = xs.map((x) => x.shape[3]);
  const operation = tf.customGrad<Tensor4D>((...inputs) => ({
    value: tf.concat(inputs.slice(0, xs.length) as Tensor4D[], 3),
    gradFunc: (dy: Tensor4D) => tf.split(dy, channels, 3),
  }));
  return operation(...xs);
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
 * Binary cross-entropy from logits: the mean over the batch of log(1 + exp(z)) - y z. d z = (sigmoid(z) - y) / N.
 * @param logits [N, 1]
 * @param labels 0 or 1, [N, 1]
 */
export function crossEntropy(tf: Tf, logits: Tensor2D, labels: Tensor2D): Scalar {
  const operation = tf.customGrad<Scalar>((...inputs) => {
    const [z, save] = inputs as [Tensor2D, GradSaveFunc];
    save([z]);
    return {
      value: tf.mean(tf.sub(tf.softplus(z), tf.mul(labels, z))),
      gradFunc: (dy: Scalar, saved: Tensor[]) => {
        const [z] = saved as [Tensor2D];
        return tf.mul(tf.div(tf.sub(tf.sigmoid(z), labels), logits.shape[0]), dy);
      },
    };
  });
  return operation(logits);
}
