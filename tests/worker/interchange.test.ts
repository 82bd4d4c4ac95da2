import { createHash } from "node:crypto";
import * as tfl from "@tensorflow/tfjs-layers";
import type { File, Group } from "h5wasm";
import * as ort from "onnxruntime-web";
import { beforeAll, describe, expect, test } from "vitest";
import { convolutions } from "@/core/network/inception";
import { sizeBlindSide } from "@/core/network/input";
import { formulaImage, formulaUnit, formulaWeights } from "@/scripts/parity/formula";
import { loadPortable, type Tf } from "@/worker/engines";
import { buildNetwork, type LayerWeights, pooledFeatures } from "@/worker/inception/network";
import type { UnitWeights } from "@/worker/inception/training-network";
import { makeHdf5, readHdf5, setAttributeTexts, WeightsFileError } from "@/worker/interchange/hdf5";
import { readKerasH5, writeKerasH5 } from "@/worker/interchange/keras-h5";
import { inKerasOrder, inputLayer, type KerasLayer, kerasLayers } from "@/worker/interchange/keras-layers";
import type { Model } from "@/worker/interchange/model";
import { writeOnnx } from "@/worker/interchange/onnx";
import { writeTfjsLayersModel } from "@/worker/interchange/tfjs";

const size = 299;
const parameters = { size, seed: 1, set: 0, count: 2, centre: 0, frozen: 0 };
/** Of logits, between engines at 299 x 299: tests/parity/README.md. */
const tolerance = 5e-5;

let tf: Tf;
let model: Model;
/** Pictures, red, green, blue 0 .. 255. */
let pictures: Float32Array[];
/** What our portable engine gives for them. */
let logits: number[];
beforeAll(async () => {
  tf = await loadPortable();
  model = {
    layers: formulaWeights(parameters),
    unit: formulaUnit(parameters),
    input: { mean: [121.5, 127.5, 130.25], divisor: 127.5, size },
  };
  pictures = [0, 1].map((b) => formulaImage(parameters, b).map((value) => Math.round(127.5 + 127.5 * value)));
  const { mean, divisor } = model.input;
  const network = buildNetwork(tf, model.layers);
  logits = pictures.map((picture) => {
    const scaled = picture.map((value, i) => (value - (mean[i % 3] ?? 0)) / divisor);
    const pooled = tf.tidy(() => pooledFeatures(tf, network, tf.tensor4d(scaled, [1, size, size, 3])).dataSync());
    return Array.from(pooled).reduce(
      (sum, value, i) => sum + value * (model.unit.kernel[i] ?? Number.NaN),
      model.unit.bias,
    );
  });
  network.dispose();
});

/** Equal for equal bits. The assertions of vitest would take minutes over millions of numbers. */
function digest(layers: readonly LayerWeights[], unit?: UnitWeights | null): string {
  const hash = createHash("sha256");
  const arrays = layers.flatMap(({ kernel, beta, mean, variance }) => [kernel, beta, mean, variance]);
  if (unit) arrays.push(unit.kernel, Float32Array.of(unit.bias));
  for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest("hex");
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

describe("a weights file of Keras", () => {
  let file: Uint8Array;
  beforeAll(async () => {
    file = await writeKerasH5(model);
  });

  test("that we write reads back to the bit, with its unit", async () => {
    const read = await readKerasH5(file);
    expect(digest(read.layers, read.unit)).toBe(digest(model.layers, model.unit));
  });

  test("lists its layers in the order in which Keras loads them, and says what the network is to be fed with", async () => {
    const { names, note } = await readHdf5(file, ({ attrs }) => ({
      names: attrs.layer_names?.value,
      note: attrs.nodewise_input?.value,
    }));
    expect(names).toHaveLength(2 * convolutions + 1);
    // As in the file that Keras 2.2.4 writes (tests/parity: make_h5.py).
    const first = ["conv2d_9", "batch_normalization_9", "conv2d_7", "conv2d_10", "batch_normalization_7"];
    expect(Array.isArray(names) && names.slice(10, 15)).toEqual(first);
    expect(Array.isArray(names) && names.at(-1)).toBe("head");
    expect(JSON.parse(String(note))).toMatchObject({ mean: [121.5, 127.5, 130.25], divisor: 127.5 });
  });

  test("saved whole, with the network as a layer, by a session's second model and without a unit, reads the same", async () => {
    const layers = inKerasOrder(lastOf(kerasLayers(model, inputLayer("input_1", size)))).filter(
      ({ name, weights }) => weights.length > 0 && name !== "head",
    );
    const renumbered = (name: string) => name.replace(/_(\d+)\//, (_, n) => (n === "1" ? "/" : `_${Number(n) - 1}/`));
    const saved = await makeHdf5((root) => {
      const group = root.create_group("model_weights");
      setAttributeTexts(group, "layer_names", ["input_2", "inception_v3"]);
      group.create_group("input_2").create_attribute("weight_names", new Float64Array(), [0]);
      const network = group.create_group("inception_v3");
      const weights = layers.flatMap((layer) => layer.weights);
      const names = weights.map(({ name }) => `${renumbered(name)}:0`);
      // Keras cuts lists above 64 KB in pieces; a reader must take pieces of any length.
      setAttributeTexts(network, "weight_names0", names.slice(0, 100));
      setAttributeTexts(network, "weight_names1", names.slice(100));
      for (const [i, { shape, values }] of weights.entries()) put(network, names[i] ?? "", values, shape);
    });
    const read = await readKerasH5(saved);
    expect(digest(read.layers)).toBe(digest(model.layers));
    expect(read.unit).toBeNull();
  });

  test("cut short, or of another kind, is refused", async () => {
    await expect(readKerasH5(file.subarray(0, file.length - 1_000))).rejects.toThrow(/cut short\. Copy it again/);
    await expect(readKerasH5(file.subarray(0, 4))).rejects.toThrow(/not an HDF5 file/);
    await expect(readKerasH5(Buffer.from("PK\x03\x04 a zip"))).rejects.toThrow(WeightsFileError);
  });
});

function lastOf(layers: KerasLayer[]): KerasLayer {
  const last = layers.at(-1);
  if (!last) throw new Error("no layers");
  return last;
}

/** Writes a data set, with the groups on its path. */
function put(group: Group | File, path: string, data: Float32Array | Float64Array, shape: number[]): void {
  const [first = "", ...rest] = path.split("/");
  const existing = group.get(first);
  if (rest.length === 0) group.create_dataset({ name: first, data, shape });
  else put(existing && "keys" in existing ? existing : group.create_group(first), rest.join("/"), data, shape);
}

type Weight = [path: string, data: Float32Array | Float64Array, shape: number[]];

/** The first convolution as it should be, the others with one number a weight: what is wrong with the first is found first. */
function layersOfOneNumber(): Map<string, Weight[]> {
  const one = (path: string): Weight => [path, Float32Array.of(1), [1]];
  const layers = new Map<string, Weight[]>();
  for (let n = 1; n <= convolutions; n++) {
    layers.set(`conv2d_${n}`, [one("kernel")]);
    layers.set(`batch_normalization_${n}`, ["beta", "moving_mean", "moving_variance"].map(one));
  }
  layers.set("conv2d_1", [["kernel", new Float32Array(864), [3, 3, 3, 32]]]);
  return layers;
}

const fileOf = (layers: ReadonlyMap<string, Weight[]>, listed = [...layers.keys()]) =>
  makeHdf5((root) => {
    setAttributeTexts(root, "layer_names", listed);
    for (const [name, weights] of layers) {
      const group = root.create_group(name);
      setAttributeTexts(
        group,
        "weight_names",
        weights.map(([path]) => `${name}/${path}:0`),
      );
      for (const [path, data, shape] of weights) put(group, `${name}/${path}:0`, data, shape);
    }
  });

describe("a weights file that is not one of Inception-v3 is refused with a message that says where it differs:", () => {
  const statistics = (values: Float32Array): Weight[] => [
    ["beta", new Float32Array(32), [32]],
    ["moving_mean", new Float32Array(32), [32]],
    ["moving_variance", values, [32]],
  ];
  test.each<[string, (layers: Map<string, Weight[]>) => void, RegExp]>([
    [
      "a convolution is missing",
      (layers) => layers.delete("conv2d_5"),
      /93 layers conv2d \(without conv2d_5\).*has 94\. Give the weights of keras\.applications\.InceptionV3/,
    ],
    [
      "the last normalisation is missing",
      (layers) => layers.delete("batch_normalization_94"),
      /93 layers batch_normalization \(without batch_normalization_94\)/,
    ],
    [
      "a kernel has another shape",
      (layers) => layers.set("conv2d_1", [["kernel", new Float32Array(32), [1, 1, 1, 32]]]),
      /kernel of conv2d_1 is 1 x 1 x 1 x 32; that of Inception-v3 is 3 x 3 x 3 x 32/,
    ],
    ["a kernel is missing", (layers) => layers.set("conv2d_1", []), /93 layers conv2d \(without conv2d_1\)/],
    [
      "a convolution has a bias",
      (layers) => layers.get("conv2d_1")?.push(["bias", new Float32Array(32), [32]]),
      /conv2d_1 has a bias/,
    ],
    [
      "numbers are not float32",
      (layers) => layers.set("conv2d_1", [["kernel", new Float64Array(864), [3, 3, 3, 32]]]),
      /kernel of conv2d_1 is of the type "<d".*float32/,
    ],
    [
      "a number is not finite",
      (layers) => layers.set("conv2d_1", [["kernel", new Float32Array(864).fill(Number.NaN, 5, 6), [3, 3, 3, 32]]]),
      /kernel of conv2d_1 has the value NaN/,
    ],
    [
      "a normalisation has a scale",
      (layers) => layers.get("batch_normalization_1")?.push(["gamma", new Float32Array(32), [32]]),
      /batch_normalization_1 has a gamma/,
    ],
    [
      "a moving variance is missing",
      (layers) => layers.set("batch_normalization_1", statistics(new Float32Array(32)).slice(0, 2)),
      /batch_normalization_1 has no moving_variance, but beta, moving_mean/,
    ],
    [
      "a variance is negative",
      (layers) => layers.set("batch_normalization_1", statistics(new Float32Array(32).fill(-1))),
      /moving_variance of batch_normalization_1 has the value -1/,
    ],
  ])("%s", async (_, change, reason) => {
    const layers = layersOfOneNumber();
    change(layers);
    await expect(readKerasH5(await fileOf(layers))).rejects.toThrow(reason);
  });

  test("a layer that is listed is not there", async () => {
    await expect(readKerasH5(await fileOf(new Map(), ["conv2d_1"]))).rejects.toThrow(/lists the layer conv2d_1/);
  });

  test("its structure is damaged", async () => {
    const bytes = await fileOf(layersOfOneNumber());
    await expect(readKerasH5(bytes.fill(0xff, 96, 1_000))).rejects.toThrow(/structure is damaged\. Copy it again/);
  });

  test("it is in the layout of Keras 3, or holds something else", async () => {
    const other = await makeHdf5((root) => root.create_group("layers"));
    await expect(readKerasH5(other)).rejects.toThrow(/layout of Keras 3.*model\.save\("model\.h5"\)/);
    await expect(readKerasH5(await makeHdf5((root) => root.create_group("data")))).rejects.toThrow(/no layer_names/);
  });

  test("it has another top than one unit", async () => {
    const layers = layersOfOneNumber();
    layers.set("predictions", [["kernel", new Float32Array(4_096), [2_048, 2]]]);
    await expect(readKerasH5(await fileOf(layers))).rejects.toThrow(/Besides Inception-v3 .* predictions \(2048 x 2\)/);
  });
});

describe("an ONNX file", () => {
  test("gives our logits and probabilities of padded pictures in ONNX Runtime, of any number at once", async () => {
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = "error";
    const session = await ort.InferenceSession.create(writeOnnx(model));
    expect([session.inputNames, session.outputNames]).toEqual([["image"], ["logit", "probability"]]);
    const [input] = session.inputMetadata;
    expect(input?.isTensor && input.shape).toEqual(["N", size, size, 3]);
    const image = Float32Array.from(pictures.flatMap((picture) => [...picture]));
    const { logit, probability } = await session.run({
      image: new ort.Tensor(image, [pictures.length, size, size, 3]),
    });
    expect([logit?.dims, probability?.dims]).toEqual([
      [2, 1],
      [2, 1],
    ]);
    expect(largestDifference(logits, await numbersOf(logit))).toBeLessThan(tolerance);
    expect(largestDifference(logits.map(sigmoid), await numbersOf(probability))).toBeLessThan(tolerance);
    await session.release();
  });
});

async function numbersOf(tensor: ort.Tensor | undefined): Promise<Float32Array> {
  const data = await tensor?.getData();
  if (!(data instanceof Float32Array)) throw new Error("not float32");
  return data;
}

describe("a TensorFlow.js layers model", () => {
  test("says whether crops were rescaled to one size", () => {
    const told = (sizeBlind: boolean) => {
      const [file] = writeTfjsLayersModel({ ...model, input: { ...model.input, sizeBlind } });
      return JSON.parse(Buffer.from(file?.bytes ?? []).toString()).userDefinedMetadata;
    };
    expect(told(false)).toMatchObject({ longerSide: null, note: expect.stringContaining("never stretched") });
    expect(told(true)).toMatchObject({
      size,
      longerSide: sizeBlindSide(size),
      note: expect.stringContaining(`${sizeBlindSide(size)} pixels`),
    });
  });

  test("is loaded by tfjs-layers under Keras's names, and gives our logits and probabilities", async () => {
    const files = new Map(writeTfjsLayersModel(model).map(({ name, bytes }) => [name, bytes]));
    const { modelTopology, weightsManifest } = JSON.parse(Buffer.from(files.get("model.json") ?? []).toString());
    const [{ paths, weights }] = weightsManifest;
    expect(paths).toHaveLength(files.size - 1);
    const weightData = Uint8Array.from(Buffer.concat(paths.map((path: string) => files.get(path) ?? []))).buffer;
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs: weights, weightData }));
    expect(loaded.getLayer("batch_normalization_94").getWeights()).toHaveLength(3);
    const [head, probability] = tf.tidy(() => {
      const outputs = loaded.predict(tf.tensor4d(pictures[0] ?? [], [1, size, size, 3]));
      return (Array.isArray(outputs) ? outputs : [outputs]).map((output) => output.dataSync());
    });
    loaded.dispose();
    expect(largestDifference(logits.slice(0, 1), head ?? [])).toBeLessThan(tolerance);
    expect(largestDifference(logits.slice(0, 1).map(sigmoid), probability ?? [])).toBeLessThan(tolerance);
  });
});

describe("a model that is not whole", () => {
  test.each<[string, (model: Model) => Model, RegExp]>([
    ["lacks a layer", (whole) => ({ ...whole, layers: whole.layers.slice(1) }), /94 convolutions; 93/],
    [
      "has a normalisation of another length",
      (whole) => ({ ...whole, layers: whole.layers.map((layer) => ({ ...layer, mean: layer.mean.subarray(1) })) }),
      /mean of batch_normalization_1 has 31 numbers, not 32/,
    ],
    [
      "has a short unit",
      (whole) => ({ ...whole, unit: { ...whole.unit, kernel: new Float32Array(7) } }),
      /unit has 7 weights, not 2048/,
    ],
    ["has a unit that is not a number", (whole) => ({ ...whole, unit: { ...whole.unit, bias: Number.NaN } }), /NaN/],
    ["divides by nothing", (whole) => ({ ...whole, input: { ...whole.input, divisor: 0 } }), /divided by 0/],
  ])("is written in no format when it %s", async (_, change, reason) => {
    const broken = change(model);
    expect(() => writeOnnx(broken)).toThrow(reason);
    expect(() => writeTfjsLayersModel(broken)).toThrow(reason);
    await expect(writeKerasH5(broken)).rejects.toThrow(reason);
  });
});
