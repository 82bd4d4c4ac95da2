import type { Rank, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
import {
  type BlockName,
  type Builder,
  blockNames,
  blocks,
  convolutions,
  convolutionsBefore,
  convolutionsThrough,
  features,
  kernelShapes,
} from "@/core/network/inception";
import type { Tf } from "@/worker/engines";
import { type NormalisedBatch, normaliseBatch } from "./batch-norm";
import { averagePool, concat, convolution, crossEntropy, maxPool, unitLogits } from "./differentiable";
import {
  checkWeights,
  type FoldedLayer,
  foldedConvolution,
  foldLayer,
  type LayerWeights,
  pooling,
  runBlock,
  runFolded,
} from "./network";
import type { Sgd } from "./optimiser";
import { openTape, type Tape } from "./tape";
import { type Blank, type Box, blankActivations, windowedBlocks } from "./window";

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
  /** What the frozen blocks make of blank canvases, by size and colour. */
  blanks: Map<string, Blank>;
  dispose(): void;
}

export interface Batch {
  /** [N, height, width, 3] */
  input: Tensor4D;
  /** 0 or 1, [N, 1] */
  labels: Tensor2D;
  /** Of each example's loss, [N, 1]; 1 without. The loss is the mean over the batch of weight x loss. */
  weights?: Tensor2D;
  /**
   * A box for each example outside of which its input is the canvas, one constant colour for all. With them the frozen blocks compute what
   * sees the box, and no more.
   */
  windows?: readonly Box[];
}

type OnGradient = (name: string, weights: Variable, gradient: Tensor) => void;

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
  const blanks = new Map<string, Blank>();
  return {
    frozen: folded,
    trained,
    unit: lastUnit,
    segments: memory === "keep" || learning.length === 0 ? [learning] : learning.map((name) => [name]),
    blanks,
    dispose() {
      for (const blank of blanks.values()) blank.dispose();
      blanks.clear();
      tf.dispose(folded.flatMap(({ kernel, bias }) => [kernel, bias]));
      for (const layer of [...trained, lastUnit]) tf.dispose(Object.values<Variable>({ ...layer }));
    },
  };
}

/** What a convolution of the network does; frozen ones are in inference mode. */
type Layer = { folded: FoldedLayer } | { trained: TrainedLayer; number: number };

/** Gives out the layers of some neighbouring blocks in order. */
function layersOf({ frozen, trained }: TrainingNetwork, names: readonly BlockName[]): () => Layer {
  let next = convolutionsBefore(names);
  return () => {
    const index = next++;
    const folded = frozen[index];
    if (folded) return { folded };
    const layer = trained[index - frozen.length];
    if (!layer) throw new RangeError("the network has fewer layers than its topology");
    return { trained: layer, number: index + 1 };
  };
}

/** Outputs of some neighbouring blocks, nothing kept for a way back and no average moved. */
function runForward(tf: Tf, network: TrainingNetwork, names: readonly BlockName[], input: Tensor4D): Tensor4D {
  const next = layersOf(network, names);
  const builder: Builder<Tensor4D> = {
    ...pooling(tf),
    conv(x, _filters, _height, _width, stride, padding) {
      const layer = next();
      if ("folded" in layer) return foldedConvolution(tf, x, layer.folded, stride, padding);
      const { kernel } = layer.trained;
      const y = convolution(tf, x, kernel, { stride, padding, learnsInput: false }).value;
      const normal = normaliseBatch(tf, y, layer.trained);
      tf.dispose([y, ...normal.saved, normal.movingMean, normal.movingVariance]);
      return normal.value;
    },
  };
  return names.reduce((x, name) => {
    const output = runBlock(name, builder, x, (value) => value.dispose());
    if (x !== input) x.dispose();
    return output;
  }, input);
}

/**
 * Outputs of some neighbouring blocks, each operation behind which something learns noted on the tape, and the moving averages moved.
 * @param onGradient sees the gradient of each parameter when the tape goes back
 */
function runRecorded(
  tf: Tf,
  network: TrainingNetwork,
  names: readonly BlockName[],
  input: Tensor4D,
  { tape, onGradient }: { tape: Tape; onGradient: OnGradient },
): Tensor4D {
  const next = layersOf(network, names);
  const plain = pooling(tf);
  const builder: Builder<Tensor4D> = {
    maxPool: (x) => (tape.learns(x) ? tape.record(maxPool(tf, x), [x]) : plain.maxPool(x)),
    averagePool: (x) => (tape.learns(x) ? tape.record(averagePool(tf, x), [x]) : plain.averagePool(x)),
    concat: (xs) => (xs.some(tape.learns) ? tape.record(concat(tf, xs), xs) : plain.concat(xs)),
    conv(x, _filters, _height, _width, stride, padding) {
      const layer = next();
      if ("folded" in layer) return foldedConvolution(tf, x, layer.folded, stride, padding);
      const { number, trained } = layer;
      const hand =
        (name: string, weights: Variable) =>
        ([gradient]: Tensor[]) => {
          if (gradient) onGradient(name, weights, gradient);
        };
      const convolved = convolution(tf, x, trained.kernel, { stride, padding, learnsInput: tape.learns(x) });
      const y = tape.record(convolved, [x], hand(`conv2d_${number}/kernel`, trained.kernel));
      const normal = normaliseBatch(tf, y, trained);
      moveAverages(tf, trained, normal);
      return tape.record(normal, [y], hand(`batch_normalization_${number}/beta`, trained.beta));
    },
  };
  return names.reduce((x, name) => blocks[name](builder, x), input);
}

function moveAverages(tf: Tf, layer: TrainedLayer, { movingMean, movingVariance }: NormalisedBatch): void {
  layer.movingMean.assign(movingMean);
  layer.movingVariance.assign(movingVariance);
  tf.dispose([movingMean, movingVariance]);
}

/** The blocks that are frozen whole. */
const frozenBlocks = ({ segments }: TrainingNetwork) =>
  blockNames.slice(0, segments[0]?.[0] ? blockNames.indexOf(segments[0][0]) : blockNames.length);

/** How many examples share a window: small crops are not computed in the window of the largest. */
const together = 2;

/** Outputs of the blocks that are frozen whole, in windows where the batch has some. */
function runFrozen(tf: Tf, network: TrainingNetwork, { input, windows }: Batch): Tensor4D {
  const names = frozenBlocks(network);
  const size = input.shape[1];
  const isBlankAt = (x: number, y: number) =>
    windows?.every((box) => x < box.x || y < box.y || x >= box.x + box.width || y >= box.y + box.height);
  const corner = [0, size - 1].find((place) => isBlankAt(place, place));
  if (!windows || corner === undefined || names.length === 0 || input.shape[2] !== size)
    return runFolded(tf, network.frozen, names, input);
  const canvas = Array.from(tf.tidy(() => tf.slice(input, [0, corner, corner, 0], [1, 1, 1, 3]).dataSync()));
  const key = [size, ...canvas].join(" ");
  const blank = network.blanks.get(key) ?? blankActivations(tf, network.frozen, names, { size, canvas });
  network.blanks.set(key, blank);
  return tf.tidy(() => windowedBlocks(tf, network.frozen, names, input, { boxes: windows, blank, together }));
}

/** Loss and logits in training mode, without a gradient and without moving the averages. */
export function trainingLoss(tf: Tf, network: TrainingNetwork, batch: Batch): { loss: number; logits: Float32Array } {
  const { labels, weights } = batch;
  let loss = Number.NaN;
  let logits = new Float32Array();
  tf.tidy(() => {
    const learning = network.segments.flat();
    const mixed10 = runForward(tf, network, learning, runFrozen(tf, network, batch));
    const z = unitLogits(tf, mixed10, network.unit.kernel, network.unit.bias);
    [loss = Number.NaN] = crossEntropy(tf, z, labels, weights).dataSync();
    logits = Float32Array.from(z.dataSync());
  });
  return { loss, logits };
}

/** Loss, logits, and the gradients of the unit and of mixed10. */
function unitBackward(tf: Tf, { unit }: TrainingNetwork, mixed10: Tensor4D, { labels, weights }: Batch) {
  let logits = new Float32Array();
  const run = (...[mixed10, kernel, bias]: Tensor[]): Tensor => {
    const z = unitLogits(tf, mixed10 as Tensor4D, kernel as Tensor2D, bias as Tensor1D);
    logits = Float32Array.from(z.dataSync());
    return crossEntropy(tf, z, labels, weights);
  };
  const { value, grads } = tf.valueAndGrads(run)([mixed10, unit.kernel, unit.bias]);
  const [toMixed10, toKernel, toBias] = grads as [Tensor4D, Tensor2D, Tensor1D];
  const [loss = Number.NaN] = value.dataSync();
  return { loss, logits, toMixed10, toKernel, toBias };
}

/**
 * The gradient of the loss by every trained parameter, and the moving averages moved by this batch.
 * @param onGradient sees each gradient once, from the last layer to the first; it may move the parameter at once, as what comes after
 * does not depend on it. Names as in Keras: conv2d_27/kernel, batch_normalization_27/beta, head/kernel, head/bias
 * @returns the loss and logits [N] before any change
 */
export function backward(
  tf: Tf,
  network: TrainingNetwork,
  batch: Batch,
  onGradient: OnGradient,
): { loss: number; logits: Float32Array } {
  return tf.tidy(() => {
    const { segments } = network;
    const inputs = [runFrozen(tf, network, batch)];
    for (const names of segments.slice(0, -1))
      inputs.push(runForward(tf, network, names, inputs.at(-1) ?? batch.input));
    let result = { loss: Number.NaN, logits: new Float32Array() };
    let gradient: Tensor4D | null = null;
    for (const [index, names] of [...segments.entries()].reverse()) {
      const x = inputs.pop();
      if (!x) throw new RangeError("a segment has no input");
      const tape = openTape(tf, index > 0 ? x : undefined);
      const output = runRecorded(tf, network, names, x, { tape, onGradient });
      if (!gradient) {
        const { toMixed10, toKernel, toBias, ...found } = unitBackward(tf, network, output, batch);
        result = found;
        gradient = toMixed10;
        onGradient("head/kernel", network.unit.kernel, toKernel);
        onGradient("head/bias", network.unit.bias, toBias);
        tf.dispose([toKernel, toBias]);
      }
      gradient = tape.back(output, gradient);
      if (x !== batch.input) x.dispose();
    }
    return result;
  });
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
