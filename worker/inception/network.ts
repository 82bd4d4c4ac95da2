import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import {
  type BlockName,
  type Builder,
  blockNames,
  blocks,
  convolutions,
  convolutionsBefore,
  epsilon,
  kernelShapes,
  type Padding,
} from "@/core/network/inception";
import type { Tf } from "@/worker/engines";
import { nativeKernels } from "@/worker/engines/native-kernels";

/*
 * Inception-v3 on an engine, in inference mode: its weights, each batch normalisation folded into its convolution, and the blocks of
 * `core/network/inception.ts` one after the other, giving back what is no longer needed.
 */

/** A value of a block, and how often it will still be asked for. */
interface Held<T> {
  value: T;
  uses: number;
}

/** How often each value of a block is used: the input's first, then in order of creation. The output is not used within it. */
function usesIn(name: BlockName): number[] {
  const uses = [0];
  const use = (x: number) => {
    uses[x] = (uses[x] ?? 0) + 1;
  };
  const made = () => uses.push(0) - 1;
  const after = (x: number) => {
    use(x);
    return made();
  };
  const concat = (xs: number[]) => {
    xs.forEach(use);
    return made();
  };
  blocks[name]({ conv: after, maxPool: after, averagePool: after, concat }, 0);
  return uses;
}

/**
 * Runs one block, giving each of its values back after the last use.
 * @param release takes values that are no longer needed, never the input or the output
 */
export function runBlock<T>(name: BlockName, builder: Builder<T>, input: T, release: (value: T) => void): T {
  const uses = usesIn(name).values();
  uses.next();
  const hold = (value: T): Held<T> => ({ value, uses: uses.next().value ?? 0 });
  const used = (...inputs: Held<T>[]) => {
    for (const held of inputs) {
      held.uses -= 1;
      if (held.uses === 0) release(held.value);
    }
  };
  const after = (x: Held<T>, value: T) => {
    used(x);
    return hold(value);
  };
  const holding: Builder<Held<T>> = {
    conv: (x, ...shape) => after(x, builder.conv(x.value, ...shape)),
    maxPool: (x) => after(x, builder.maxPool(x.value)),
    averagePool: (x) => after(x, builder.averagePool(x.value)),
    concat(xs) {
      const value = builder.concat(xs.map((x) => x.value));
      used(...xs);
      return hold(value);
    },
  };
  return blocks[name](holding, { value: input, uses: Number.POSITIVE_INFINITY }).value;
}

/** The numbers of one convolution and its batch normalisation. */
export interface LayerWeights {
  kernel: Float32Array;
  beta: Float32Array;
  mean: Float32Array;
  variance: Float32Array;
}

/** A convolution with its batch normalisation folded in. */
export interface FoldedLayer {
  kernel: Tensor4D;
  bias: Tensor1D;
}

export interface Network {
  layers: FoldedLayer[];
  dispose(): void;
}

/** @throws RangeError unless there are 94 layers whose kernels and normalisations have the shapes of Inception-v3 */
export function checkWeights(weights: readonly LayerWeights[]): void {
  if (weights.length !== convolutions)
    throw new RangeError(`Inception-v3 has ${convolutions} convolutions; ${weights.length} were given.`);
  for (const [index, shape] of kernelShapes().entries()) {
    const layer = weights[index];
    const length = layer?.kernel.length;
    if (length !== shape.reduce((a, b) => a * b, 1))
      throw new RangeError(`The kernel of conv2d_${index + 1} has ${length} numbers, not those of ${shape}.`);
    for (const part of ["beta", "mean", "variance"] as const)
      if (layer?.[part].length !== shape[3])
        throw new RangeError(
          `The ${part} of batch_normalization_${index + 1} has ${layer?.[part].length} numbers, not ${shape[3]}.`,
        );
  }
}

/**
 * Inference mode folded in: kernel / s and beta - mean / s, s = sqrt(variance + 1e-3), computed in doubles.
 * @returns the kernel in the order it came in, [height, width, in, filters], and one bias a filter
 */
export function foldNormalisation({ kernel, beta, mean, variance }: LayerWeights): {
  kernel: Float32Array;
  bias: Float32Array;
} {
  const filters = beta.length;
  const scale = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
  const folded = new Float32Array(kernel.length);
  for (let i = 0; i < kernel.length; i++) folded[i] = (kernel[i] ?? 0) * (scale[i % filters] ?? 0);
  return { kernel: folded, bias: Float32Array.from(beta, (b, i) => b - (mean[i] ?? 0) * (scale[i] ?? 0)) };
}

/** A layer with its normalisation folded in, as kept tensors. */
export function foldLayer(tf: Tf, layer: LayerWeights, shape: [number, number, number, number]): FoldedLayer {
  const { kernel, bias } = foldNormalisation(layer);
  return { kernel: tf.keep(tf.tensor4d(kernel, shape)), bias: tf.keep(tf.tensor1d(bias)) };
}

/** The network in inference mode, each batch normalisation folded into its convolution. @throws RangeError on weights of another shape */
export function buildNetwork(tf: Tf, weights: readonly LayerWeights[]): Network {
  checkWeights(weights);
  const shapes = kernelShapes();
  const layers = weights.flatMap((layer, index) => {
    const shape = shapes[index];
    return shape ? [foldLayer(tf, layer, shape)] : [];
  });
  return {
    layers,
    dispose: () => tf.dispose(layers.flatMap(({ kernel, bias }) => [kernel, bias])),
  };
}

/** Poolings and concatenation of every engine; the average divides by the pixels that are there. */
export const pooling = (tf: Tf): Omit<Builder<Tensor4D>, "conv"> => ({
  maxPool: (x) => tf.maxPool(x, 3, 2, "valid"),
  averagePool: (x) => tf.avgPool(x, 3, 1, "same"),
  concat: (xs) => tf.concat(xs, 3),
});

/** A convolution with its folded normalisation, and ReLU. */
export const foldedConvolution = (
  tf: Tf,
  x: Tensor4D,
  { kernel, bias }: FoldedLayer,
  stride: 1 | 2,
  padding: Padding,
): Tensor4D =>
  nativeKernels(tf)?.foldedConvolution(x, kernel, bias, { stride, padding }) ??
  tf.fused.conv2d({ x, filter: kernel, strides: stride, pad: padding, bias, activation: "relu" });

/**
 * Runs some neighbouring blocks in inference mode.
 * @param layers folded convolutions 1 .. of these blocks at least
 * @param input of the first of them; left alone
 * @param onBlock sees the output of each block, which is then left to the caller's tidy
 */
export function runFolded(
  tf: Tf,
  layers: readonly FoldedLayer[],
  names: readonly BlockName[],
  input: Tensor4D,
  onBlock?: (name: BlockName, output: Tensor4D) => void,
): Tensor4D {
  const remaining = layers.slice(convolutionsBefore(names)).values();
  const builder: Builder<Tensor4D> = {
    ...pooling(tf),
    conv(x, _filters, _height, _width, stride, padding) {
      const { value } = remaining.next();
      if (!value) throw new RangeError("the network has fewer layers than its topology");
      return foldedConvolution(tf, x, value, stride, padding);
    },
  };
  return names.reduce((x, name) => {
    const output = runBlock(name, builder, x, (value) => value.dispose());
    if (onBlock) onBlock(name, output);
    else if (x !== input) x.dispose();
    return output;
  }, input);
}

/**
 * The network's activations.
 * @param input [N, height, width, 3]
 * @param onBlock sees the output of each block (stem, mixed0 .. mixed10), which is disposed with the caller's tidy
 * @returns mixed10, [N, h, w, 2048]; call within tf.tidy
 */
export function forward(
  tf: Tf,
  network: Network,
  input: Tensor4D,
  onBlock?: (name: BlockName, output: Tensor4D) => void,
): Tensor4D {
  return runFolded(tf, network.layers, blockNames, input, onBlock);
}

/** The 2048 numbers of each image before the last unit: the global average of mixed10. @returns [N, 2048] */
export const pooledFeatures = (tf: Tf, network: Network, input: Tensor4D): Tensor2D =>
  tf.tidy(() => tf.mean(forward(tf, network, input), [1, 2]));
