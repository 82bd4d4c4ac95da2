import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tf } from "@/worker/engines";
import { nativeKernels } from "@/worker/engines/native-kernels";

/*
 * Inception-v3 as Keras has it (Szegedy et al., CVPR 2016; keras.applications.inception_v3): 94 convolutions without bias, each with
 * batch normalisation (epsilon 1e-3, no scale) and ReLU, in 11 mixed blocks, then a global average. One definition for every engine.
 * Layers are numbered 1..94 in Keras's order of creation: convolution n is `conv2d_n`, its normalisation `batch_normalization_n`.
 */

export const convolutions = 94;
export const features = 2048;
export const epsilon = 1e-3;

export const blockNames = [
  "stem",
  "mixed0",
  "mixed1",
  "mixed2",
  "mixed3",
  "mixed4",
  "mixed5",
  "mixed6",
  "mixed7",
  "mixed8",
  "mixed9",
  "mixed10",
] as const;
export type BlockName = (typeof blockNames)[number];

export type Padding = "same" | "valid";

/** What a backend supplies; the blocks below are written against it, so shapes, inference and training go through the same code. */
export interface Builder<T> {
  conv(x: T, filters: number, height: number, width: number, stride: 1 | 2, padding: Padding): T;
  maxPool(x: T): T;
  averagePool(x: T): T;
  concat(xs: T[]): T;
}

type Block = <T>(b: Builder<T>, x: T) => T;

const stem: Block = (b, input) => {
  let x = b.conv(input, 32, 3, 3, 2, "valid");
  x = b.conv(x, 32, 3, 3, 1, "valid");
  x = b.maxPool(b.conv(x, 64, 3, 3, 1, "same"));
  x = b.conv(x, 80, 1, 1, 1, "valid");
  return b.maxPool(b.conv(x, 192, 3, 3, 1, "valid"));
};

const convSame =
  <T>(b: Builder<T>) =>
  (x: T, filters: number, height: number, width: number) =>
    b.conv(x, filters, height, width, 1, "same");

/** 35 x 35 at full size. @param pooled filters behind the average pooling */
const wide =
  (pooled: number): Block =>
  (b, x) => {
    const conv = convSame(b);
    const one = conv(x, 64, 1, 1);
    const five = conv(conv(x, 48, 1, 1), 64, 5, 5);
    const double = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
    const pool = conv(b.averagePool(x), pooled, 1, 1);
    return b.concat([one, five, double, pool]);
  };

const firstReduction: Block = (b, x) => {
  const conv = convSame(b);
  const three = b.conv(x, 384, 3, 3, 2, "valid");
  const double = b.conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3, 2, "valid");
  return b.concat([three, double, b.maxPool(x)]);
};

/** 17 x 17 at full size. @param n filters of the inner 1 x 7 and 7 x 1 */
const factorised =
  (n: number): Block =>
  (b, x) => {
    const conv = convSame(b);
    const one = conv(x, 192, 1, 1);
    const seven = conv(conv(conv(x, n, 1, 1), n, 1, 7), 192, 7, 1);
    const doubled = conv(conv(conv(conv(conv(x, n, 1, 1), n, 7, 1), n, 1, 7), n, 7, 1), 192, 1, 7);
    const pool = conv(b.averagePool(x), 192, 1, 1);
    return b.concat([one, seven, doubled, pool]);
  };

const secondReduction: Block = (b, x) => {
  const conv = convSame(b);
  const reduced = b.conv(conv(x, 192, 1, 1), 320, 3, 3, 2, "valid");
  const seven = b.conv(conv(conv(conv(x, 192, 1, 1), 192, 1, 7), 192, 7, 1), 192, 3, 3, 2, "valid");
  return b.concat([reduced, seven, b.maxPool(x)]);
};

/** 8 x 8 at full size. */
const expanded: Block = (b, x) => {
  const conv = convSame(b);
  const one = conv(x, 320, 1, 1);
  const split = conv(x, 384, 1, 1);
  const three = b.concat([conv(split, 384, 1, 3), conv(split, 384, 3, 1)]);
  const second = conv(conv(x, 448, 1, 1), 384, 3, 3);
  const double = b.concat([conv(second, 384, 1, 3), conv(second, 384, 3, 1)]);
  return b.concat([one, three, double, conv(b.averagePool(x), 192, 1, 1)]);
};

/** The blocks in order, the convolutions of each in Keras's order of creation. */
export const blocks: Readonly<Record<BlockName, Block>> = {
  stem,
  mixed0: wide(32),
  mixed1: wide(64),
  mixed2: wide(64),
  mixed3: firstReduction,
  mixed4: factorised(128),
  mixed5: factorised(160),
  mixed6: factorised(160),
  mixed7: factorised(192),
  mixed8: secondReduction,
  mixed9: expanded,
  mixed10: expanded,
};

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

/** Kernel shape [height, width, in, out] of every convolution of some blocks. @param channels of their input */
function shapesOf(names: readonly BlockName[], channels: number): [number, number, number, number][] {
  const shapes: [number, number, number, number][] = [];
  const builder: Builder<number> = {
    conv: (input, filters, height, width) => {
      shapes.push([height, width, input, filters]);
      return filters;
    },
    maxPool: (input) => input,
    averagePool: (input) => input,
    concat: (parts) => parts.reduce((sum, part) => sum + part, 0),
  };
  names.reduce((input, name) => blocks[name](builder, input), channels);
  return shapes;
}

/** Kernel shape [height, width, in, out] of every convolution, in order. */
export const kernelShapes = (): [number, number, number, number][] => shapesOf(blockNames, 3);

/** How many convolutions the blocks up to and with this one have: 5 for stem, 26 for mixed2, 94 for mixed10. */
export const convolutionsThrough = (block: BlockName): number =>
  shapesOf(blockNames.slice(0, blockNames.indexOf(block) + 1), 3).length;

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

/** How many convolutions come before some neighbouring blocks. */
export function convolutionsBefore([first]: readonly BlockName[]): number {
  const previous = first && blockNames[blockNames.indexOf(first) - 1];
  return previous === undefined ? 0 : convolutionsThrough(previous);
}

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
