import type { Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tf } from "@/worker/engines";

/*
 * Inception-v3 as Keras has it (Szegedy et al., CVPR 2016; keras.applications.inception_v3): 94 convolutions without bias, each with
 * batch normalisation (epsilon 1e-3, no scale) and ReLU, in 11 mixed blocks, then a global average. One definition for every engine.
 * Layers are numbered 1..94 in Keras's order of creation: convolution n is `conv2d_n`, its normalisation `batch_normalization_n`.
 */

export const convolutions = 94;
export const features = 2048;
const epsilon = 1e-3;

type Padding = "same" | "valid";

/** What a backend supplies; the topology below is written against it, so shapes and tensors go through the same code. */
interface Builder<T> {
  conv(x: T, filters: number, height: number, width: number, stride: 1 | 2, padding: Padding): T;
  maxPool(x: T): T;
  averagePool(x: T): T;
  concat(xs: T[]): T;
  /** Called with the output of each block: stem, mixed0 .. mixed10. */
  block(name: string, x: T): T;
}

function topology<T>(b: Builder<T>, input: T): T {
  const conv = (x: T, filters: number, height: number, width: number, stride: 1 | 2 = 1, padding: Padding = "same") =>
    b.conv(x, filters, height, width, stride, padding);
  let x = conv(input, 32, 3, 3, 2, "valid");
  x = conv(x, 32, 3, 3, 1, "valid");
  x = b.maxPool(conv(x, 64, 3, 3));
  x = conv(x, 80, 1, 1, 1, "valid");
  x = b.block("stem", b.maxPool(conv(x, 192, 3, 3, 1, "valid")));

  for (const [index, pooled] of [32, 64, 64].entries()) {
    const one = conv(x, 64, 1, 1);
    const five = conv(conv(x, 48, 1, 1), 64, 5, 5);
    const double = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
    const pool = conv(b.averagePool(x), pooled, 1, 1);
    x = b.block(`mixed${index}`, b.concat([one, five, double, pool]));
  }

  const three = conv(x, 384, 3, 3, 2, "valid");
  const double = conv(conv(conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3, 2, "valid");
  x = b.block("mixed3", b.concat([three, double, b.maxPool(x)]));

  for (const [index, n] of [128, 160, 160, 192].entries()) {
    const one = conv(x, 192, 1, 1);
    const seven = conv(conv(conv(x, n, 1, 1), n, 1, 7), 192, 7, 1);
    const doubled = conv(conv(conv(conv(conv(x, n, 1, 1), n, 7, 1), n, 1, 7), n, 7, 1), 192, 1, 7);
    const pool = conv(b.averagePool(x), 192, 1, 1);
    x = b.block(`mixed${index + 4}`, b.concat([one, seven, doubled, pool]));
  }

  const reduced = conv(conv(x, 192, 1, 1), 320, 3, 3, 2, "valid");
  const seven = conv(conv(conv(conv(x, 192, 1, 1), 192, 1, 7), 192, 7, 1), 192, 3, 3, 2, "valid");
  x = b.block("mixed8", b.concat([reduced, seven, b.maxPool(x)]));

  for (const index of [9, 10]) {
    const one = conv(x, 320, 1, 1);
    const split = conv(x, 384, 1, 1);
    const wide = b.concat([conv(split, 384, 1, 3), conv(split, 384, 3, 1)]);
    const second = conv(conv(x, 448, 1, 1), 384, 3, 3);
    const wider = b.concat([conv(second, 384, 1, 3), conv(second, 384, 3, 1)]);
    x = b.block(`mixed${index}`, b.concat([one, wide, wider, conv(b.averagePool(x), 192, 1, 1)]));
  }
  return x;
}

/** Kernel shape [height, width, in, out] of every convolution, in order. */
export function kernelShapes(): [number, number, number, number][] {
  const shapes: [number, number, number, number][] = [];
  topology<number>(
    {
      conv: (channels, filters, height, width) => {
        shapes.push([height, width, channels, filters]);
        return filters;
      },
      maxPool: (channels) => channels,
      averagePool: (channels) => channels,
      concat: (parts) => parts.reduce((sum, part) => sum + part, 0),
      block: (_, channels) => channels,
    },
    3,
  );
  return shapes;
}

/** The numbers of one convolution and its batch normalisation. */
export interface LayerWeights {
  kernel: Float32Array;
  beta: Float32Array;
  mean: Float32Array;
  variance: Float32Array;
}

export interface Network {
  layers: { kernel: Tensor4D; bias: Tensor1D }[];
  dispose(): void;
}

/** The network in inference mode, each batch normalisation folded into its convolution: kernel / s and beta - mean / s, s = sqrt(variance + 1e-3). */
export function buildNetwork(tf: Tf, weights: readonly LayerWeights[]): Network {
  const shapes = kernelShapes();
  if (weights.length !== convolutions)
    throw new RangeError(`Inception-v3 has ${convolutions} convolutions; ${weights.length} were given.`);
  const layers = weights.map(({ kernel, beta, mean, variance }, index) => {
    const shape = shapes[index];
    if (!shape || kernel.length !== shape.reduce((a, b) => a * b, 1))
      throw new RangeError(`The kernel of conv2d_${index + 1} has ${kernel.length} numbers, not those of ${shape}.`);
    const filters = shape[3];
    const scale = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
    const folded = new Float32Array(kernel.length);
    for (let i = 0; i < kernel.length; i++) folded[i] = (kernel[i] ?? 0) * (scale[i % filters] ?? 0);
    const bias = Float32Array.from(beta, (b, i) => b - (mean[i] ?? 0) * (scale[i] ?? 0));
    return { kernel: tf.keep(tf.tensor4d(folded, shape)), bias: tf.keep(tf.tensor1d(bias)) };
  });
  return {
    layers,
    dispose() {
      for (const { kernel, bias } of layers) {
        kernel.dispose();
        bias.dispose();
      }
    },
  };
}

/**
 * The network's activations.
 * @param input [N, height, width, 3]
 * @param onBlock sees the output of each block (stem, mixed0 .. mixed10)
 * @returns mixed10, [N, h, w, 2048]; call within tf.tidy
 */
export function forward(
  tf: Tf,
  network: Network,
  input: Tensor4D,
  onBlock?: (name: string, output: Tensor4D) => void,
): Tensor4D {
  let next = 0;
  return topology<Tensor4D>(
    {
      conv: (x, _filters, _height, _width, stride, padding) => {
        const layer = network.layers[next++];
        if (!layer) throw new RangeError("the network has fewer layers than its topology");
        return tf.fused.conv2d({
          x,
          filter: layer.kernel,
          strides: stride,
          pad: padding,
          bias: layer.bias,
          activation: "relu",
        });
      },
      maxPool: (x) => tf.maxPool(x, 3, 2, "valid"),
      averagePool: (x) => tf.avgPool(x, 3, 1, "same"),
      concat: (xs) => tf.concat(xs, 3),
      block: (name, x) => {
        onBlock?.(name, x);
        return x;
      },
    },
    input,
  );
}

/** The 2048 numbers of each image before the last unit: the global average of mixed10. @returns [N, 2048] */
export const pooledFeatures = (tf: Tf, network: Network, input: Tensor4D): Tensor2D =>
  tf.tidy(() => tf.mean(forward(tf, network, input), [1, 2]));
