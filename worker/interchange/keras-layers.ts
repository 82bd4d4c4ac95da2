import { features } from "@/core/network/inception";
import { type GraphNode, networkGraph } from "./graph";
import { checkModel, type Model } from "./model";
import type { Json } from "./model-file";

/** A layer as Keras and TensorFlow.js describe it. */
export interface KerasLayer {
  name: string;
  className: string;
  /** Its configuration in Keras's JSON, without the name. */
  config: { [key: string]: Json };
  inputs: KerasLayer[];
  /** In the order in which Keras keeps them. */
  weights: { name: string; shape: number[]; values: Float32Array }[];
}

/** Layers of loaded models get their numbers from the file; drawing random ones first would take seconds. */
const zeros: Json = { class_name: "Zeros", config: {} };
const ones: Json = { class_name: "Ones", config: {} };

const layer = (
  name: string,
  className: string,
  inputs: KerasLayer[],
  config: KerasLayer["config"] = {},
  weights: KerasLayer["weights"] = [],
): KerasLayer => ({ name, className, inputs, config: { trainable: true, dtype: "float32", ...config }, weights });

/** What the network starts from: pictures of size x size, or a layer in front. */
export const inputLayer = (name: string, size: number): KerasLayer =>
  layer(name, "InputLayer", [], { batch_input_shape: [null, size, size, 3], sparse: false });

/** A 1 x 1 convolution in front of the network that computes (x - mean) / divisor and never learns. */
export function scalingLayer(name: string, { mean, divisor }: Model["input"], input: KerasLayer): KerasLayer {
  const kernel = Float32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? 1 / divisor : 0));
  return layer(
    name,
    "Conv2D",
    [input],
    { ...convolutionConfig([1, 1, 3, 3], 1, "valid"), use_bias: true, trainable: false },
    [
      { name: `${name}/kernel`, shape: [1, 1, 3, 3], values: kernel },
      { name: `${name}/bias`, shape: [3], values: Float32Array.from(mean, (value) => -value / divisor) },
    ],
  );
}

const convolutionConfig = (
  [height, width, , filters]: [number, number, number, number],
  stride: number,
  padding: string,
): KerasLayer["config"] => ({
  filters,
  kernel_size: [height, width],
  strides: [stride, stride],
  padding,
  data_format: "channels_last",
  dilation_rate: [1, 1],
  activation: "linear",
  use_bias: false,
  kernel_initializer: zeros,
  bias_initializer: zeros,
});

const pooling = (stride: number, padding: string): KerasLayer["config"] => ({
  pool_size: [3, 3],
  strides: [stride, stride],
  padding,
  data_format: "channels_last",
});

/** The layers of one operation of the graph, the last of which is its output. */
function layersOf({ name, operation }: GraphNode, inputs: KerasLayer[], model: Model): KerasLayer[] {
  if (operation.kind === "maxPooling") return [layer(name, "MaxPooling2D", inputs, pooling(2, "valid"))];
  if (operation.kind === "averagePooling") return [layer(name, "AveragePooling2D", inputs, pooling(1, "same"))];
  if (operation.kind === "concatenation") return [layer(name, "Concatenate", inputs, { axis: 3 })];
  if (operation.kind === "input") return [];
  const { number, shape, stride, padding } = operation;
  const numbers = model.layers[number - 1];
  if (!numbers) throw new RangeError(`The model lacks ${name}.`);
  const normalisation = `batch_normalization_${number}`;
  const convolution = layer(name, "Conv2D", inputs, convolutionConfig(shape, stride, padding), [
    { name: `${name}/kernel`, shape, values: numbers.kernel },
  ]);
  const normalised = layer(
    normalisation,
    "BatchNormalization",
    [convolution],
    {
      axis: 3,
      momentum: 0.99,
      epsilon: 0.001,
      center: true,
      scale: false,
      beta_initializer: zeros,
      gamma_initializer: ones,
      moving_mean_initializer: zeros,
      moving_variance_initializer: ones,
    },
    [
      { name: `${normalisation}/beta`, shape: [shape[3]], values: numbers.beta },
      { name: `${normalisation}/moving_mean`, shape: [shape[3]], values: numbers.mean },
      { name: `${normalisation}/moving_variance`, shape: [shape[3]], values: numbers.variance },
    ],
  );
  return [convolution, normalised, layer(`activation_${number}`, "Activation", [normalised], { activation: "relu" })];
}

/**
 * The layers of a model as Keras has them, from behind the input layer to the unit `head`, in order of creation.
 * @param input where the network's input comes from
 * @throws RangeError on a model that is not whole
 */
export function kerasLayers(model: Model, input: KerasLayer): KerasLayer[] {
  checkModel(model);
  const layers: KerasLayer[] = [];
  const outputs = new Map<GraphNode, KerasLayer>();
  let output = input;
  for (const node of networkGraph()) {
    const inputs = node.inputs.map((each) => outputs.get(each) ?? input);
    const made = layersOf(node, inputs, model);
    output = made.at(-1) ?? input;
    outputs.set(node, output);
    layers.push(...made);
  }
  const average = layer("avg_pool", "GlobalAveragePooling2D", [output], { data_format: "channels_last" });
  const head = layer(
    "head",
    "Dense",
    [average],
    { units: 1, activation: "linear", use_bias: true, kernel_initializer: zeros, bias_initializer: zeros },
    [
      { name: "head/kernel", shape: [features, 1], values: model.unit.kernel },
      { name: "head/bias", shape: [1], values: Float32Array.of(model.unit.bias) },
    ],
  );
  return [...layers, average, head];
}

/** A unit's probability behind its logit. */
export const sigmoidLayer = (name: string, input: KerasLayer): KerasLayer =>
  layer(name, "Activation", [input], { activation: "sigmoid" });

/**
 * Layers in the order of Keras's `model.layers`, in which weights files are read: by distance from the output, the farthest first; at the same
 * distance as a walk from the output meets them (`_map_graph_network` in Keras 2). conv2d_9 comes before conv2d_6.
 */
export function inKerasOrder(output: KerasLayer): KerasLayer[] {
  const met = new Set<KerasLayer>();
  const inputsFirst: KerasLayer[] = [];
  const visit = (each: KerasLayer) => {
    if (met.has(each)) return;
    met.add(each);
    each.inputs.forEach(visit);
    inputsFirst.push(each);
  };
  visit(output);
  const distances = new Map<KerasLayer, number>();
  const distance = (each: KerasLayer) => distances.get(each) ?? 0;
  for (const each of inputsFirst.reverse())
    for (const input of each.inputs) distances.set(input, Math.max(distance(input), distance(each) + 1));
  return [...met].sort((a, b) => distance(b) - distance(a));
}
