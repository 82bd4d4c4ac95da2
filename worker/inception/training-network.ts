import type { Rank, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
import type { Tf } from "@/worker/engines";
import { type Moments, movingMomentum, normaliseBatch } from "./batch-norm";
import { averagePool, concat, convolution, crossEntropy, maxPool, unitLogits } from "./differentiable";
import {
  type BlockName,
  type Builder,
  blockNames,
  blocks,
  checkWeights,
  convolutions,
  convolutionsThrough,
  type FoldedLayer,
  features,
  foldedConvolution,
  foldLayer,
  kernelShapes,
  type LayerWeights,
  pooling,
} from "./network";
import type { Sgd } from "./optimiser";

/*
 * Inception-v3 under training, behind it one sigmoid unit. The first n convolutions are frozen: in inference mode, as Keras 2 runs a layer
 * that is not trainable (moving statistics, never updated), folded and without gradients. The others normalise with the moments of the
 * batch and update the moving averages. The moving variance takes the Bessel-corrected variance, N / (N - 1), as the fused kernel of
 * Keras 2 on TensorFlow and PyTorch do; Keras 3 and TensorFlow.js take the biased one.
 */

/** The last unit. */
export interface UnitWeights {
  /** 2048 numbers. */
  kernel: Float32Array;
  bias: number;
}

interface TrainedLayer {
  kernel: Variable<Rank.R4>;
  beta: Variable<Rank.R1>;
  movingMean: Variable<Rank.R1>;
  movingVariance: Variable<Rank.R1>;
}

export interface TrainingNetwork {
  /** Convolutions 1 .. frozen, folded. */
  frozen: FoldedLayer[];
  /** Convolutions frozen + 1 .. 94. */
  trained: TrainedLayer[];
  unit: { kernel: Variable<Rank.R2>; bias: Variable<Rank.R1> };
  /** Blocks whose gradients are computed together, in order; the ones before are frozen whole. */
  segments: BlockName[][];
  dispose(): void;
}

export interface Batch {
  /** [N, height, width, 3] */
  input: Tensor4D;
  /** 0 or 1, [N, 1] */
  labels: Tensor2D;
}

/**
 * @param options.frozen number of frozen convolutions, 0 .. 94 (`convolutionsThrough` gives it for a block)
 * @param options.memory "keep" holds every activation until its gradient is known; "recompute" holds the outputs of blocks and computes
 * the rest again, one block at a time: a third more time, a fraction of the memory, the same numbers
 * @throws RangeError on weights of another shape
 */
export function buildTrainingNetwork(
  tf: Tf,
  options: { weights: readonly LayerWeights[]; unit: UnitWeights; frozen: number; memory: "keep" | "recompute" },
): TrainingNetwork {
  const { weights, unit, frozen, memory } = options;
  checkWeights(weights);
  if (!Number.isInteger(frozen) || frozen < 0 || frozen > convolutions)
    throw new RangeError(`${frozen} convolutions cannot be frozen: Inception-v3 has ${convolutions}.`);
  if (unit.kernel.length !== features)
    throw new RangeError(`The last unit has ${unit.kernel.length} weights, not ${features}.`);
  const folded: FoldedLayer[] = [];
  const trained: TrainedLayer[] = [];
  for (const [index, shape] of kernelShapes().entries()) {
    const layer = weights[index];
    if (!layer) continue;
    if (index < frozen) folded.push(foldLayer(tf, layer, shape));
    else
      trained.push(
        tf.tidy(() => ({
          kernel: tf.variable(tf.tensor4d(layer.kernel, shape)),
          beta: tf.variable(tf.tensor1d(layer.beta)),
          movingMean: tf.variable(tf.tensor1d(layer.mean), false),
          movingVariance: tf.variable(tf.tensor1d(layer.variance), false),
        })),
      );
  }
  const lastUnit = tf.tidy(() => ({
    kernel: tf.variable(tf.tensor2d(unit.kernel, [features, 1])),
    bias: tf.variable(tf.tensor1d([unit.bias])),
  }));
  const learning = blockNames.filter((name) => convolutionsThrough(name) > frozen);
  return {
    frozen: folded,
    trained,
    unit: lastUnit,
    segments: memory === "keep" || learning.length === 0 ? [learning] : learning.map((name) => [name]),
    dispose() {
      tf.dispose(folded.flatMap(({ kernel, bias }) => [kernel, bias]));
      for (const layer of [...trained, lastUnit]) tf.dispose(Object.values<Variable>({ ...layer }));
    },
  };
}

/** How many convolutions come before some neighbouring blocks. */
function convolutionsBefore([first]: readonly BlockName[]): number {
  const previous = first && blockNames[blockNames.indexOf(first) - 1];
  return previous === undefined ? 0 : convolutionsThrough(previous);
}

/**
 * Runs some neighbouring blocks.
 * @param options.onMoments sees the batch's moments of every trained convolution
 * @param options.inputLearns whether something before these blocks learns
 */
function runBlocks(
  tf: Tf,
  network: TrainingNetwork,
  names: readonly BlockName[],
  input: Tensor4D,
  options: { onMoments?: (layer: TrainedLayer, moments: Moments) => void; inputLearns: boolean },
): Tensor4D {
  let next = convolutionsBefore(names);
  /** Outputs in which something learns, by the number of the tensor. */
  const learning = new Set<number>(options.inputLearns ? [input.id] : []);
  const learns = (x: Tensor4D) => learning.has(x.id);
  const mark = (output: Tensor4D) => {
    learning.add(output.id);
    return output;
  };
  const plain = pooling(tf);
  const builder: Builder<Tensor4D> = {
    maxPool: (x) => (learns(x) ? mark(maxPool(tf, x)) : plain.maxPool(x)),
    averagePool: (x) => (learns(x) ? mark(averagePool(tf, x)) : plain.averagePool(x)),
    concat: (xs) => (xs.some(learns) ? mark(concat(tf, xs)) : plain.concat(xs)),
    conv(x, _filters, _height, _width, stride, padding) {
      const number = next++;
      const folded = network.frozen[number];
      if (folded) return foldedConvolution(tf, x, folded, stride, padding);
      const layer = network.trained[number - network.frozen.length];
      if (!layer) throw new RangeError("the network has fewer layers than its topology");
      const y = convolution(tf, x, layer.kernel, { stride, padding, learnsInput: learns(x) });
      return mark(normaliseBatch(tf, y, layer.beta, (moments) => options.onMoments?.(layer, moments)));
    },
  };
  return names.reduce((x, name) => tf.tidy(() => blocks[name](builder, x)), input);
}

function updateMovingAverages(tf: Tf, layer: TrainedLayer, { mean, variance, samples }: Moments): void {
  const bessel = samples / Math.max(1, samples - 1);
  const towards = (average: Variable<Rank.R1>, batch: Tensor1D, factor: number) =>
    average.assign(tf.add(tf.mul(average, movingMomentum), tf.mul(batch, (1 - movingMomentum) * factor)));
  tf.tidy(() => {
    towards(layer.movingMean, mean, 1);
    towards(layer.movingVariance, variance, bessel);
  });
}

/** The blocks that are frozen whole. */
const frozenBlocks = ({ segments }: TrainingNetwork) =>
  blockNames.slice(0, segments[0]?.[0] ? blockNames.indexOf(segments[0][0]) : blockNames.length);

/** Loss and logits in training mode, without a gradient and without moving the averages. */
export function trainingLoss(
  tf: Tf,
  network: TrainingNetwork,
  { input, labels }: Batch,
): { loss: number; logits: Float32Array } {
  let loss = Number.NaN;
  let logits = new Float32Array();
  tf.tidy(() => {
    const mixed10 = runBlocks(tf, network, blockNames, input, { inputLearns: false });
    const z = unitLogits(tf, mixed10, network.unit.kernel, network.unit.bias);
    [loss = Number.NaN] = crossEntropy(tf, z, labels).dataSync();
    logits = Float32Array.from(z.dataSync());
  });
  return { loss, logits };
}

/** Names and tensors of what is trained in some blocks. */
function parametersOf(network: TrainingNetwork, names: readonly BlockName[]): [string, Variable][] {
  const last = names.at(-1);
  if (last === undefined) return [];
  const from = Math.max(network.frozen.length, convolutionsBefore(names));
  const to = convolutionsThrough(last);
  return network.trained
    .slice(from - network.frozen.length, to - network.frozen.length)
    .flatMap(({ kernel, beta }, i) => [
      [`conv2d_${from + i + 1}/kernel`, kernel] as [string, Variable],
      [`batch_normalization_${from + i + 1}/beta`, beta] as [string, Variable],
    ]);
}

/**
 * The gradient of the loss by every trained parameter, and the moving averages moved by this batch.
 * @param onGradient sees each gradient once, from the last segment to the first; it may move the parameter at once, as what comes after
 * does not depend on it. Names as in Keras: conv2d_27/kernel, batch_normalization_27/beta, head/kernel, head/bias
 * @returns the loss and logits [N] before any change
 */
export function backward(
  tf: Tf,
  network: TrainingNetwork,
  { input, labels }: Batch,
  onGradient: (name: string, weights: Variable, gradient: Tensor) => void,
): { loss: number; logits: Float32Array } {
  let loss = Number.NaN;
  let logits = new Float32Array();
  tf.tidy(() => {
    const onMoments = (layer: TrainedLayer, moments: Moments) => updateMovingAverages(tf, layer, moments);
    const { segments } = network;
    const inputs = [runBlocks(tf, network, frozenBlocks(network), input, { inputLearns: false })];
    for (const names of segments.slice(0, -1))
      inputs.push(runBlocks(tf, network, names, inputs.at(-1) ?? input, { inputLearns: false }));

    let gradient: Tensor4D | undefined;
    for (const [index, names] of [...segments.entries()].reverse()) {
      const x = inputs.pop();
      if (!x) throw new RangeError("a segment has no input");
      const inputLearns = index > 0;
      const isLast = index === segments.length - 1;
      const parameters = parametersOf(network, names);
      if (isLast) parameters.push(["head/kernel", network.unit.kernel], ["head/bias", network.unit.bias]);
      const run = (): Tensor => {
        const output = runBlocks(tf, network, names, x, { onMoments, inputLearns });
        if (!isLast) return output;
        const z = unitLogits(tf, output, network.unit.kernel, network.unit.bias);
        const value = crossEntropy(tf, z, labels);
        logits = Float32Array.from(z.dataSync());
        [loss = Number.NaN] = value.dataSync();
        return value;
      };
      const tensors: Tensor[] = parameters.map(([, weights]) => weights);
      const needed = inputLearns ? [x, ...tensors] : tensors;
      const gradients = tf.grads(run)(needed, gradient);
      gradient?.dispose();
      gradient = inputLearns ? (gradients.shift() as Tensor4D) : undefined;
      for (const [i, [name, weights]] of parameters.entries()) {
        const each = gradients[i];
        if (each) onGradient(name, weights, each);
        each?.dispose();
      }
      if (x !== input) x.dispose();
    }
  });
  return { loss, logits };
}

/** One step of training. @returns the loss and logits [N] before it */
export function trainStep(
  tf: Tf,
  network: TrainingNetwork,
  optimiser: Sgd,
  batch: Batch,
): { loss: number; logits: Float32Array } {
  const result = backward(tf, network, batch, (name, weights, gradient) => optimiser.update(name, weights, gradient));
  optimiser.endStep();
  return result;
}

/** The numbers of what was trained: convolutions frozen + 1 .. 94 in order, and the unit. With the frozen ones in front they build a network. */
export async function trainedWeights(network: TrainingNetwork): Promise<{ layers: LayerWeights[]; unit: UnitWeights }> {
  const read = async (variable: Variable) => Float32Array.from(await variable.data());
  const layers: LayerWeights[] = [];
  for (const { kernel, beta, movingMean, movingVariance } of network.trained) {
    layers.push({
      kernel: await read(kernel),
      beta: await read(beta),
      mean: await read(movingMean),
      variance: await read(movingVariance),
    });
  }
  const [bias = Number.NaN] = await read(network.unit.bias);
  return { layers, unit: { kernel: await read(network.unit.kernel), bias } };
}
