import type {
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  KernelConfig,
  Tensor,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorInfo,
} from "@tensorflow/tfjs-core";
import type { Tf } from "./types";

/*
 * What the WASM backend of TensorFlow.js 4.22 lacks to train convolutions. Composed of its own operations that run on XNNPACK: plain matrix
 * products and convolutions. (A product with a transposed operand, a reversal or a strided gradient would take its slow loops.)
 */

type Shape4 = [number, number, number, number];

const backendName = "wasm";

/** Kernels are handed tensors by the operations that call them. */
function tensorOf(tf: Tf, info: TensorInfo | undefined): Tensor4D {
  if (info instanceof tf.Tensor) return info as Tensor4D;
  throw new TypeError("a kernel was called without a tensor");
}

function refuseOtherLayout({ dataFormat }: { dataFormat: string }): void {
  if (dataFormat !== "NHWC") throw new RangeError(`convolutions are laid out NHWC here, not ${dataFormat}`);
}

const convolution = (
  tf: Tf,
  input: Shape4,
  filter: Shape4,
  { strides, pad }: Conv2DBackpropFilterAttrs | Conv2DBackpropInputAttrs,
) => tf.backend_util.computeConv2DInfo(input, filter, strides, 1, pad, undefined, false, "channelsLast");

/**
 * A picture taken apart by its stride: part (p, q) holds the pixels whose row leaves p and whose column leaves q, so that every strided cut
 * is a plain one. [N, H, W, C] to parts of [N, H / s, W / t C], row and column filled up with zeros.
 */
function partsOf(tf: Tf, x: Tensor4D, [rowStride, columnStride]: readonly [number, number]): Tensor3D[] {
  const [n, height, width, channels] = x.shape;
  const rows = Math.ceil(height / rowStride);
  const columns = Math.ceil(width / columnStride);
  if (rowStride === 1 && columnStride === 1) return [tf.reshape(x, [n, height, width * channels])];
  const filled = tf.pad(x, [
    [0, 0],
    [0, rows * rowStride - height],
    [0, columns * columnStride - width],
    [0, 0],
  ]);
  const apart: Tensor4D = tf.reshape(filled, [n * rows, rowStride, columns, columnStride * channels]);
  return Array.from({ length: rowStride * columnStride }, (_, part) => {
    const begin: Shape4 = [0, Math.floor(part / columnStride), 0, (part % columnStride) * channels];
    return tf.reshape(tf.slice(apart, begin, [n * rows, 1, columns, channels]), [n, rows, columns * channels]);
  });
}

/**
 * d loss / d filter. Each place (i, j) of the filter is a cut of the padded input, as [N OH OW, C], and one product [F, N OH OW] x [N OH OW, C].
 */
function filterGradient(tf: Tf, x: Tensor4D, dy: Tensor4D, attrs: Conv2DBackpropFilterAttrs): Tensor4D {
  refuseOtherLayout(attrs);
  const [height, width, channels, filters] = attrs.filterShape;
  const [n, outHeight, outWidth] = dy.shape;
  const { padInfo, strideHeight, strideWidth } = convolution(tf, x.shape, attrs.filterShape, attrs);
  const { top, bottom, left, right } = padInfo;
  const positions = n * outHeight * outWidth;
  const gradient: Tensor2D = tf.transpose(tf.reshape(dy, [positions, filters]));
  const isPadded = top + bottom + left + right > 0;
  const margins: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const parts = partsOf(tf, isPadded ? tf.pad(x, margins) : x, [strideHeight, strideWidth]);
  const productAt = (i: number, j: number): Tensor =>
    tf.tidy(() => {
      const part = parts[(i % strideHeight) * strideWidth + (j % strideWidth)];
      if (!part) throw new RangeError("a filter reaches beyond its input");
      const begin: [number, number, number] = [0, Math.floor(i / strideHeight), Math.floor(j / strideWidth) * channels];
      const isWhole = part.shape[1] === outHeight && part.shape[2] === outWidth * channels;
      const cut = isWhole ? part : tf.slice(part, begin, [n, outHeight, outWidth * channels]);
      return tf.reshape(tf.matMul(gradient, tf.reshape(cut, [positions, channels])), [1, filters, channels]);
    });
  const products = Array.from({ length: height * width }, (_, place) =>
    productAt(Math.floor(place / width), place % width),
  );
  return tf.reshape(tf.transpose(tf.concat(products, 0), [0, 2, 1]), attrs.filterShape);
}

/** Zeros between rows and columns, so that a strided gradient becomes a plain one: [N, H, W, F] to [N, (H - 1) s + 1, (W - 1) t + 1, F]. */
function spread(tf: Tf, dy: Tensor4D, strideHeight: number, strideWidth: number): Tensor4D {
  const [n, height, width, filters] = dy.shape;
  const rows = tf.pad(tf.reshape(dy, [n * height, 1, width, filters]), [
    [0, 0],
    [0, strideHeight - 1],
    [0, 0],
    [0, 0],
  ]);
  const pixels = tf.reshape(rows, [n * height * strideHeight * width, 1, filters, 1]);
  const both = tf.pad(pixels, [
    [0, 0],
    [0, strideWidth - 1],
    [0, 0],
    [0, 0],
  ]);
  const spreadOut: Tensor4D = tf.reshape(both, [n, height * strideHeight, width * strideWidth, filters]);
  return tf.slice(
    spreadOut,
    [0, 0, 0, 0],
    [n, (height - 1) * strideHeight + 1, (width - 1) * strideWidth + 1, filters],
  );
}

/** The filter turned by 180 degrees with its channels swapped: [H, W, C, F] to [H, W, F, C]. */
function flipped(tf: Tf, filter: Tensor4D): Tensor4D {
  const [height, width, channels, filters] = filter.shape;
  const places = height * width;
  if (places === 1) return tf.transpose(filter, [0, 1, 3, 2]);
  const flat: Tensor2D = tf.reshape(filter, [places, channels * filters]);
  const cuts = Array.from({ length: places }, (_, k) => tf.slice(flat, [places - 1 - k, 0], [1, channels * filters]));
  return tf.transpose(tf.reshape(tf.concat(cuts, 0), [height, width, channels, filters]), [0, 1, 3, 2]);
}

/** d loss / d input: the gradient, spread and padded, convolved with the flipped filter. */
function inputGradient(tf: Tf, dy: Tensor4D, filter: Tensor4D, attrs: Conv2DBackpropInputAttrs): Tensor4D {
  refuseOtherLayout(attrs);
  const [height, width] = filter.shape;
  const [, inHeight, inWidth] = attrs.inputShape;
  const { padInfo, strideHeight, strideWidth } = convolution(tf, attrs.inputShape, filter.shape, attrs);
  let gradient = strideHeight > 1 || strideWidth > 1 ? spread(tf, dy, strideHeight, strideWidth) : dy;
  const top = height - 1 - padInfo.top;
  const left = width - 1 - padInfo.left;
  const bottom = inHeight + height - 1 - gradient.shape[1] - top;
  const right = inWidth + width - 1 - gradient.shape[2] - left;
  if (top + bottom + left + right > 0)
    gradient = tf.pad(gradient, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
  return tf.conv2d(gradient, flipped(tf, filter), 1, "valid");
}

/** Makes the portable engine train. It has a Conv2DBackpropInput of its own, a plain loop with which a step takes twice as long. */
export function registerTrainingKernels(tf: Tf): void {
  const kernels: Pick<KernelConfig, "kernelName" | "kernelFunc">[] = [
    {
      kernelName: tf.Conv2DBackpropFilter,
      kernelFunc: ({ inputs: { x, dy }, attrs }) =>
        tf.tidy(() =>
          filterGradient(tf, tensorOf(tf, x), tensorOf(tf, dy), attrs as unknown as Conv2DBackpropFilterAttrs),
        ),
    },
    {
      kernelName: tf.Conv2DBackpropInput,
      kernelFunc: ({ inputs: { dy, filter }, attrs }) =>
        tf.tidy(() =>
          inputGradient(tf, tensorOf(tf, dy), tensorOf(tf, filter), attrs as unknown as Conv2DBackpropInputAttrs),
        ),
    },
  ];
  if (tf.getKernel(tf.Conv2DBackpropFilter, backendName)) return;
  tf.unregisterKernel(tf.Conv2DBackpropInput, backendName);
  for (const kernel of kernels) tf.registerKernel({ ...kernel, backendName });
}
