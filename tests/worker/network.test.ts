import type { Tensor4D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import fixture from "@/tests/parity/forward75.json";
import { loadPortable, type Tf } from "@/worker/engines";
import {
  buildNetwork,
  convolutions,
  features,
  forward,
  kernelShapes,
  type Network,
  pooledFeatures,
} from "@/worker/inception/network";
import { formulaHead, formulaImage, formulaWeights } from "./formula";

const { size, seed, count } = fixture.parameters;
const blockNames = Object.keys(fixture.float64.images[0]?.blocks ?? {});

let tf: Tf;
let network: Network;
beforeAll(async () => {
  tf = await loadPortable();
  network = buildNetwork(tf, formulaWeights(seed));
});
afterAll(() => network.dispose());

/** Block outputs and pooled features of one input, as the engine gives them. */
async function activations(index: number) {
  const input = tf.tensor4d(formulaImage(size, index), [1, size, size, 3]);
  const kept = new Map<string, Tensor4D>();
  const pooled = tf.tidy(() =>
    tf.mean<Tensor4D>(
      forward(tf, network, input, (name, output) => kept.set(name, tf.keep(output.clone()))),
      [1, 2],
    ),
  );
  const blocks = new Map<string, Float32Array>();
  for (const [name, tensor] of kept) blocks.set(name, Float32Array.from(await tensor.data()));
  const answer = { blocks, pooled: Float32Array.from(await pooled.data()) };
  tf.dispose([input, pooled, ...kept.values()]);
  return answer;
}

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("the network computes what Keras computes", () => {
  test.each([...Array(count).keys()])("input %i: every block, the pooled vector and the logit", async (index) => {
    const expected = fixture.float64.images[index];
    if (!expected) throw new Error("the fixture lacks this input");
    const { blocks, pooled } = await activations(index);
    expect([...blocks.keys()]).toEqual(blockNames);
    for (const [name, block] of Object.entries(expected.blocks)) {
      const got = blocks.get(name) ?? new Float32Array();
      const centre = mean(got);
      const deviation = Math.sqrt(got.reduce((sum, value) => sum + (value - centre) ** 2, 0) / got.length);
      expect(Math.abs(centre - block.mean) / block.std, `${name}: mean`).toBeLessThan(1e-5);
      expect(Math.abs(deviation - block.std) / block.std, `${name}: standard deviation`).toBeLessThan(1e-5);
      for (const [i, value] of block.first16.entries())
        expect(Math.abs((got[i] ?? Number.NaN) - value) / block.std, `${name}[${i}]`).toBeLessThan(2e-4);
    }
    expect(pooled).toHaveLength(features);
    const spread = expected.blocks.mixed10.std;
    for (const [i, value] of expected.pooled.first64.entries())
      expect(Math.abs((pooled[i] ?? Number.NaN) - value) / spread, `pooled[${i}]`).toBeLessThan(2e-4);
    const { kernel, bias } = formulaHead(seed);
    const logit = pooled.reduce((sum, value, i) => sum + value * (kernel[i] ?? Number.NaN), bias);
    expect(Math.abs(logit - expected.logit)).toBeLessThan(5e-5);
  });
});

test("it has the 94 convolutions and 21,802,784 numbers of Keras's Inception-v3 without its top", () => {
  const shapes = kernelShapes();
  expect(shapes).toHaveLength(convolutions);
  const numbers = shapes.reduce((sum, [h, w, channels, filters]) => sum + h * w * channels * filters + 3 * filters, 0);
  expect(numbers).toBe(21_802_784);
});

test("weights of another shape are refused, naming the layer", () => {
  const weights = formulaWeights(seed);
  expect(() => buildNetwork(tf, weights.slice(1))).toThrow(/94 convolutions; 93/);
  const [first, ...others] = weights;
  if (!first) throw new Error("no weights");
  expect(() => buildNetwork(tf, [{ ...first, kernel: first.kernel.subarray(1) }, ...others])).toThrow(/conv2d_1 /);
});

test("one image after the other leaves no tensor behind", async () => {
  const once = async () => {
    const input = tf.tensor4d(formulaImage(size, 0), [1, size, size, 3]);
    const output = pooledFeatures(tf, network, input);
    await output.data();
    tf.dispose([input, output]);
  };
  await once();
  const before = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) await once();
  expect(tf.memory().numTensors).toBe(before);
});
