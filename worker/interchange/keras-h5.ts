import type { Dataset, File, Group } from "h5wasm";
import { convolutions, features, kernelShapes } from "@/core/network/inception";
import type { LayerWeights } from "@/worker/inception/network";
import type { UnitWeights } from "@/worker/inception/training-network";
import { attributeTexts, makeHdf5, readHdf5, setAttributeText, setAttributeTexts, WeightsFileError } from "./hdf5";
import { inKerasOrder, inputLayer, kerasLayers } from "./keras-layers";
import { inputAsJson, inputInWords, type Model } from "./model";

/*
 * Keras's HDF5 weights ("legacy" since Keras 3): the root, or its group `model_weights` in a whole saved model, has the attribute
 * layer_names; each layer is a group with the attribute weight_names, and each weight a data set of that name inside.
 */

/** Inception-v3 without its top, trained on ImageNet, as keras.applications publishes it (keras/applications/inception_v3.py). */
export const imagenetFile = {
  name: "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
  url: "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
  bytes: 87_910_968,
  md5: "bcbd6486424b2319ff4ef7d526e38f63",
} as const;

const remedy =
  "Give the weights of keras.applications.InceptionV3 (include_top=False), alone or with one unit behind its average pooling, saved whole.";
const refuse = (what: string, todo = remedy) => new WeightsFileError(`${what} ${todo}`);

const kinds = ["conv2d", "batch_normalization"] as const;
type Kind = (typeof kinds)[number];

/** Weights of a layer by what they are: kernel, beta, .. */
type Weights = Map<string, Dataset>;

interface Contents {
  /** By the number in their names: 0 for `conv2d`, 1 for `conv2d_1`. */
  layers: Record<Kind, Map<number, Weights>>;
  /** Layers of other kinds that have weights. */
  others: Map<string, Weights>;
}

/** `conv2d_7` is number 7 of conv2d, `conv2d` number 0; other names are none. */
function numbered(name: string): { kind: Kind; number: number } | undefined {
  const [, kind, number = "0"] = /^(conv2d|batch_normalization)(?:_(\d+))?$/.exec(name) ?? [];
  const known = kinds.find((each) => each === kind);
  return known && { kind: known, number: Number(number) };
}

/** The data sets of a file, sorted by layers. A model within a model counts as its layers. */
function contentsOf(file: File): Contents {
  const saved = file.get("model_weights");
  const root = saved && "keys" in saved ? saved : file;
  const names = attributeTexts(root, "layer_names");
  if (!names)
    throw file.get("layers") || file.get("_layer_checkpoint_dependencies")
      ? refuse(
          "This file is in the layout of Keras 3 (.weights.h5), which does not keep the names of layers.",
          'Save the model with model.save("model.h5") instead.',
        )
      : refuse("This HDF5 file has no layer_names: it holds no weights of Keras.");
  const contents: Contents = { layers: { conv2d: new Map(), batch_normalization: new Map() }, others: new Map() };
  for (const layer of names) {
    const group = root.get(layer);
    if (!group || !("keys" in group)) throw refuse(`The file lists the layer ${layer}, which is not in it.`);
    for (const path of attributeTexts(group, "weight_names") ?? [])
      add(contents, layer, path, dataset(group, layer, path));
  }
  return contents;
}

function dataset(group: Group, layer: string, path: string): Dataset {
  const found = group.get(path);
  if (!found || !("metadata" in found) || !("filters" in found))
    throw refuse(`The file lists ${path} of the layer ${layer}, which is not in it.`);
  return found;
}

function add({ layers, others }: Contents, layer: string, path: string, weight: Dataset): void {
  const parts = path.replace(/:\d+$/, "").split("/");
  const part = parts.at(-1) ?? path;
  const owner = numbered(layer) ?? numbered(parts.at(-2) ?? "");
  const name = owner ? owner.number : layer;
  const known: Map<number | string, Weights> = owner ? layers[owner.kind] : others;
  const weights = known.get(name) ?? new Map();
  if (weights.has(part)) throw refuse(`The file has ${part} of the layer ${layer} twice.`);
  known.set(name, weights.set(part, weight));
}

const nameOf = (kind: Kind, number: number) => (number === 0 ? kind : `${kind}_${number}`);

/** The layers of a kind by rising number. @throws WeightsFileError unless there are 94, naming those that are missing */
function inOrder({ layers }: Contents, kind: Kind): { name: string; weights: Weights }[] {
  const found = layers[kind];
  if (found.size !== convolutions) {
    const numbers = [...layers.conv2d.keys(), ...layers.batch_normalization.keys()].sort((a, b) => a - b);
    const [first = 0] = numbers;
    const gaps = Array.from({ length: (numbers.at(-1) ?? first) - first + 1 }, (_, i) => first + i).filter(
      (number) => !found.has(number),
    );
    const missing =
      gaps.length > 0 && gaps.length < 10 ? ` (without ${gaps.map((n) => nameOf(kind, n)).join(", ")})` : "";
    throw refuse(`The file has ${found.size} layers ${kind}${missing}; Inception-v3 has ${convolutions}.`);
  }
  return [...found].sort(([a], [b]) => a - b).map(([number, weights]) => ({ name: nameOf(kind, number), weights }));
}

/** The numbers of one weight. @throws WeightsFileError when they are missing, of another shape or type, or not finite */
function numbersOf(layer: string, weights: Weights, part: string, shape: readonly number[]): Float32Array {
  const found = weights.get(part);
  if (!found) throw refuse(`The layer ${layer} has no ${part}, but ${[...weights.keys()].join(", ")}.`);
  const { value, dtype } = found;
  if (found.shape?.join() !== shape.join())
    throw refuse(
      `The ${part} of ${layer} is ${found.shape?.join(" x ")}; that of Inception-v3 is ${shape.join(" x ")}.`,
    );
  if (!(value instanceof Float32Array))
    throw refuse(`The ${part} of ${layer} is of the type ${JSON.stringify(dtype)}.`, "Save the model in float32.");
  const wrong = value.find((each) => !Number.isFinite(each) || (part === "moving_variance" && each < 0));
  if (wrong !== undefined)
    throw refuse(
      `The ${part} of ${layer} has the value ${wrong}: the training it is from went astray.`,
      "Give another model.",
    );
  return value;
}

function refuseOthers(layer: string, weights: Weights, known: readonly string[]): void {
  const other = [...weights.keys()].find((part) => !known.includes(part));
  if (other) throw refuse(`The layer ${layer} has a ${other}, which that of Inception-v3 in Keras does not have.`);
}

/** The one unit behind the network, if there is one. */
function unitOf({ others }: Contents): UnitWeights | null {
  const [last, ...more] = others;
  if (!last) return null;
  const [name, weights] = last;
  if (more.length > 0 || weights.get("kernel")?.shape?.join() !== `${features},1`) {
    const found = [...others].map(
      ([layer, parts]) => `${layer} (${[...parts.values()].map(({ shape }) => shape?.join(" x ")).join("; ")})`,
    );
    throw refuse(`Besides Inception-v3 the file has ${found.join(", ")}.`);
  }
  refuseOthers(name, weights, ["kernel", "bias"]);
  const [bias = 0] = weights.has("bias") ? numbersOf(name, weights, "bias", [1]) : [];
  return { kernel: numbersOf(name, weights, "kernel", [features, 1]), bias };
}

/**
 * Reads Inception-v3 from a weights file or a saved model of Keras (HDF5): the official ImageNet file, files of Keras 2's `save_weights` and
 * `save`, and of `save("model.h5")` in Keras 3. Convolutions and normalisations are taken by the order of their numbers, as a second model of a
 * session starts at conv2d_94.
 * @param bytes the whole file
 * @returns the 94 convolutions with their normalisations, kernels [height, width, in, out]; and the unit of a Dense(1) layer behind, or null
 * @throws WeightsFileError that names the layer, what was found and what to give instead
 */
export const readKerasH5 = (bytes: Uint8Array): Promise<{ layers: LayerWeights[]; unit: UnitWeights | null }> =>
  readHdf5(bytes, (file) => {
    const contents = contentsOf(file);
    const unit = unitOf(contents);
    const kernels = inOrder(contents, "conv2d");
    const normalisations = inOrder(contents, "batch_normalization");
    const layers = kernelShapes().flatMap((shape, index): LayerWeights[] => {
      const convolution = kernels[index];
      const normalisation = normalisations[index];
      if (!convolution || !normalisation) return [];
      refuseOthers(convolution.name, convolution.weights, ["kernel"]);
      refuseOthers(normalisation.name, normalisation.weights, ["beta", "moving_mean", "moving_variance"]);
      const statistics = (part: string) => numbersOf(normalisation.name, normalisation.weights, part, [shape[3]]);
      return [
        {
          kernel: numbersOf(convolution.name, convolution.weights, "kernel", shape),
          beta: statistics("beta"),
          mean: statistics("moving_mean"),
          variance: statistics("moving_variance"),
        },
      ];
    });
    return { layers, unit };
  });

/**
 * A weights file for Keras, in the order of `model.layers`, to be opened as `core/network/in-keras.ts` says, under a name that ends in `.h5` and not
 * in `.weights.h5`. The unit gives the logit. What Keras is to be fed with is in the root's attribute `nodewise_input`, JSON with mean and divisor.
 * @throws RangeError on a model that is not whole
 */
export async function writeKerasH5(model: Model): Promise<Uint8Array> {
  const head = kerasLayers(model, inputLayer("input_1", model.input.size)).at(-1);
  const layers = head ? inKerasOrder(head).filter(({ weights }) => weights.length > 0) : [];
  return makeHdf5((file) => {
    setAttributeTexts(
      file,
      "layer_names",
      layers.map(({ name }) => name),
    );
    setAttributeText(file, "backend", "tensorflow");
    setAttributeText(file, "keras_version", "2.16.0");
    setAttributeText(
      file,
      "nodewise_input",
      JSON.stringify({
        ...inputAsJson(model.input),
        note: `${inputInWords(model.input)} Feed (x - mean) / divisor.`,
      }),
    );
    for (const { name, weights } of layers) {
      const group = file.create_group(name);
      setAttributeTexts(
        group,
        "weight_names",
        weights.map((weight) => `${weight.name}:0`),
      );
      const inner = group.create_group(name);
      for (const { name: path, shape, values } of weights)
        inner.create_dataset({ name: `${path.slice(name.length + 1)}:0`, data: values, shape, dtype: "<f" });
    }
  });
}
