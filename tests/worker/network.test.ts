import { createHash } from "node:crypto";
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blockNames, convolutions, convolutionsThrough, features, kernelShapes } from "@/core/network/inception";
import { learningRateAt } from "@/core/network/learning-rate";
import { seededRandom } from "@/core/random";
import { formulaImage, formulaUnit, formulaWeights } from "@/scripts/parity/formula";
import { loadPortable, type Tf } from "@/worker/engines";
import { registerTrainingKernels } from "@/worker/engines/portable-kernels";
import { normaliseBatch } from "@/worker/inception/batch-norm";
import { averagePool, concat, convolution, crossEntropy, maxPool, unitLogits } from "@/worker/inception/differentiable";
import { gradCam } from "@/worker/inception/grad-cam";
import { buildNetwork, type LayerWeights, pooledFeatures } from "@/worker/inception/network";
import { momentumSgd, type SgdState } from "@/worker/inception/optimiser";
import type { Done } from "@/worker/inception/tape";
import {
  backward,
  buildTrainingNetwork,
  type TrainingNetwork,
  trainedWeights,
  trainStep,
  type UnitWeights,
} from "@/worker/inception/training-network";

const parameters = { size: 75, seed: 1, set: 0, count: 2, centre: 1, frozen: 0 };
const settings = { learningRate: 1e-3, momentum: 0.9, decay: 0.5 };

let tf: Tf;
let weights: LayerWeights[];
let unit: UnitWeights;
beforeAll(async () => {
  tf = await loadPortable();
  registerTrainingKernels(tf);
  weights = formulaWeights(parameters);
  unit = formulaUnit(parameters);
});

describe("the topology", () => {
  test("has the 94 convolutions and 21,802,784 numbers of Keras's Inception-v3 without its top", () => {
    const shapes = kernelShapes();
    expect(shapes).toHaveLength(convolutions);
    const numbers = shapes.reduce(
      (sum, [h, w, channels, filters]) => sum + h * w * channels * filters + 3 * filters,
      0,
    );
    expect(numbers).toBe(21_802_784);
  });

  test("counts the convolutions through every block, so that a depth can be named by its block", () => {
    expect(blockNames.map(convolutionsThrough)).toEqual([5, 12, 19, 26, 30, 40, 50, 60, 70, 76, 85, 94]);
  });

  test("weights of another shape are refused, naming the layer", () => {
    expect(() => buildNetwork(tf, weights.slice(1))).toThrow(/94 convolutions; 93/);
    const [first, ...others] = weights;
    if (!first) throw new Error("no weights");
    expect(() => buildNetwork(tf, [{ ...first, kernel: first.kernel.subarray(1) }, ...others])).toThrow(/conv2d_1 /);
  });
});

describe("inference", () => {
  test("one image after the other leaves no tensor behind, and disposing leaves none at all", async () => {
    const empty = tf.memory().numTensors;
    const network = buildNetwork(tf, weights);
    const once = async () => {
      const input = tf.tensor4d(formulaImage(parameters, 0), [1, 75, 75, 3]);
      const output = pooledFeatures(tf, network, input);
      await output.data();
      tf.dispose([input, output]);
    };
    await once();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) await once();
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
    expect(tf.memory().numTensors).toBe(empty);
  });

  test("Grad-CAM's weights are the unit's over the positions, and its map sums to the logit without the bias", () => {
    const network = buildNetwork(tf, weights);
    const input = tf.tensor4d(formulaImage({ ...parameters, size: 139 }, 0), [1, 139, 139, 3]);
    const before = tf.memory().numTensors;
    const cam = gradCam(tf, network, unit, input);
    expect(tf.memory().numTensors).toBe(before);
    expect([cam.height, cam.width, cam.raw.length]).toEqual([3, 3, 9]);
    for (const [k, weight] of cam.alpha.entries()) expect(weight).toBeCloseTo((unit.kernel[k] ?? Number.NaN) / 9, 8);
    expect(cam.raw.reduce((a, b) => a + b, 0)).toBeCloseTo(cam.logit - unit.bias, 4);
    for (const [i, raw] of cam.raw.entries()) {
      expect((cam.positive[i] ?? 0) > 0).toBe(raw > 0);
      expect((cam.negative[i] ?? 0) > 0).toBe(raw < 0);
    }
    expect(Math.max(...cam.positive, ...cam.negative)).toBe(1);
    input.dispose();
    network.dispose();
  });
});

/** Equal for equal bits. The assertions of vitest would take minutes over millions of numbers. */
const digest = (values: Float32Array): string =>
  createHash("sha256")
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest("hex");

function digestsOf({ layers, unit }: { layers: LayerWeights[]; unit: UnitWeights }): string[] {
  const all = layers.flatMap(({ kernel, beta, mean, variance }) => [kernel, beta, mean, variance]);
  return [...all, unit.kernel, Float32Array.of(unit.bias)].map(digest);
}

/** Numbers in -1 .. 1. */
function random(shape: number[], seed: number): Float32Array {
  const next = seededRandom(seed);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * next() - 1);
}
const random4 = (shape: [number, number, number, number], seed: number): Tensor4D =>
  tf.tensor4d(random(shape, seed), shape);
function dot(a: Tensor, b: Tensor): number {
  const [left, right] = [Float32Array.from(a.dataSync()), Float32Array.from(b.dataSync())];
  return left.reduce((sum, value, i) => sum + value * (right[i] ?? 0), 0);
}

/** A differentiable function: its value at x, and the way from the value's gradient to that of x. */
type Differentiable = (x: Tensor) => { value: Tensor; back(dy: Tensor): Tensor };

/** An operation of the tape as a function of one of its inputs or parameters. */
const ofTape =
  (operation: (x: Tensor) => Done, of: "inputs" | "parameters", index = 0): Differentiable =>
  (x) => {
    const { value, back } = operation(x);
    return {
      value,
      back: (dy) => {
        const gradient = back(dy as Tensor4D)[of][index];
        if (!gradient) throw new Error("no gradient");
        return gradient;
      },
    };
  };
const ofEngine =
  (f: (x: Tensor) => Tensor): Differentiable =>
  (x) => ({ value: f(x), back: (dy) => tf.grad(f)(x, dy) });

/**
 * The gradient of <f(x), d> along a direction, by central differences against the operation's own. The step is large against the rounding of
 * float32 and small against the bend of f.
 */
function expectGradient(f: Differentiable, x: Tensor, step: number, tolerance: number) {
  tf.tidy(() => {
    const shape = f(x).value.shape;
    const d = tf.tensor(random(shape, 11), shape);
    const along = tf.tensor(random(x.shape, 12), x.shape);
    const at = (t: number) => dot(f(tf.add(x, tf.mul(along, t))).value, d);
    const expected = (at(step) - at(-step)) / (2 * step);
    const got = dot(f(x).back(d), along);
    expect(Math.abs(got - expected)).toBeLessThan(tolerance * Math.max(1, Math.abs(expected)));
  });
}

describe("the gradients that are written out", () => {
  test.each([
    ["3 x 3, stride 2, odd picture", [7, 9], [3, 3], 2, "valid"],
    ["3 x 3, stride 2, a row left over", [8, 8], [3, 3], 2, "valid"],
    ["1 x 7, same", [5, 9], [1, 7], 1, "same"],
    ["7 x 1, same", [9, 5], [7, 1], 1, "same"],
    ["5 x 5, same", [6, 7], [5, 5], 1, "same"],
    ["3 x 3, smaller picture than filter", [2, 2], [3, 3], 1, "same"],
    ["1 x 1", [4, 5], [1, 1], 1, "same"],
    ["3 x 3, valid", [6, 5], [3, 3], 1, "valid"],
  ] as const)("convolution: %s", (_, [h, w], [kh, kw], stride, padding) => {
    const x = random4([2, h, w, 3], 1);
    const kernel = random4([kh, kw, 3, 4], 2);
    // Linear in each: a difference is exact up to rounding, whatever the step.
    const of = (x: Tensor, kernel: Tensor) =>
      convolution(tf, x as Tensor4D, kernel as Tensor4D, { stride, padding, learnsInput: true });
    expectGradient(
      ofTape((x) => of(x, kernel), "inputs"),
      x,
      1,
      1e-4,
    );
    expectGradient(
      ofTape((kernel) => of(x, kernel), "parameters"),
      kernel,
      1,
      1e-4,
    );
    tf.dispose([x, kernel]);
  });

  test("average pooling, borders included", () => {
    for (const [h, w] of [
      [5, 6],
      [2, 3],
      [1, 1],
    ] as const) {
      const x = random4([2, h, w, 3], 3);
      expectGradient(
        ofTape((x) => averagePool(tf, x as Tensor4D), "inputs"),
        x,
        1,
        1e-5,
      );
      x.dispose();
    }
  });

  test("max pooling and concatenation", () => {
    const x = random4([2, 7, 8, 3], 4);
    const other = random4([2, 7, 8, 2], 5);
    expectGradient(
      ofTape((x) => maxPool(tf, x as Tensor4D), "inputs"),
      x,
      1e-4,
      2e-3,
    );
    expectGradient(
      ofTape((x) => concat(tf, [other, x as Tensor4D]), "inputs", 1),
      x,
      1,
      1e-5,
    );
    tf.dispose([x, other]);
  });

  test("batch normalisation with ReLU, for its input and its beta", () => {
    const y = random4([2, 3, 4, 5], 6);
    // Far from where the ReLU bends: a difference across the bend is not the gradient.
    const beta = tf.tensor1d([9, -9, 9, 9, -9]);
    const [movingMean, movingVariance] = [tf.zeros([5]) as Tensor1D, tf.ones([5]) as Tensor1D];
    const of = (y: Tensor, beta: Tensor) =>
      normaliseBatch(tf, tf.clone(y as Tensor4D), { beta: beta as Tensor1D, movingMean, movingVariance });
    expectGradient(
      ofTape((y) => of(y, beta), "inputs"),
      y,
      1e-2,
      1e-3,
    );
    expectGradient(
      ofTape((beta) => of(y, beta), "parameters"),
      beta,
      1e-1,
      1e-4,
    );
    tf.dispose([y, beta, movingMean, movingVariance]);
  });

  test("the unit and its loss", () => {
    const mixed10 = random4([3, 2, 2, 6], 7);
    const kernel = tf.tensor2d(random([6], 8), [6, 1]);
    const bias = tf.tensor1d([0.3]);
    const labels = tf.tensor2d([0, 1, 1], [3, 1]);
    expectGradient(
      ofEngine((x) => unitLogits(tf, x as Tensor4D, kernel, bias)),
      mixed10,
      1,
      1e-5,
    );
    expectGradient(
      ofEngine((k) => unitLogits(tf, mixed10, k as Tensor2D, bias)),
      kernel,
      1,
      1e-5,
    );
    expectGradient(
      ofEngine((b) => unitLogits(tf, mixed10, kernel, b as Tensor1D)),
      bias,
      1,
      1e-5,
    );
    const logits = tf.tensor2d([-2, 0.5, 40], [3, 1]);
    const weights = tf.tensor2d([3, 0.5, 0], [3, 1]);
    const losses = [Math.log1p(Math.exp(-2)), Math.log1p(Math.exp(-0.5)), 0] as const;
    const unweighted = (losses[0] + losses[1] + losses[2]) / 3;
    expect(crossEntropy(tf, logits, labels).dataSync()[0]).toBeCloseTo(unweighted, 6);
    const weighted = (3 * losses[0] + 0.5 * losses[1]) / 3;
    expect(crossEntropy(tf, logits, labels, weights).dataSync()[0]).toBeCloseTo(weighted, 6);
    for (const w of [undefined, weights])
      expectGradient(
        ofEngine((z) => crossEntropy(tf, z as Tensor2D, labels, w)),
        logits,
        1e-2,
        1e-4,
      );
    weights.dispose();
    tf.dispose([mixed10, kernel, bias, labels, logits]);
  });

  test("batch normalisation moves the averages by the mean and the variance with Bessel's correction", () => {
    const y = tf.tensor4d([1, 10, 2, 10, 3, 10, 6, 10], [2, 1, 2, 2]);
    const given = { beta: tf.tensor1d([0, 0]), movingMean: tf.tensor1d([1, 0]), movingVariance: tf.tensor1d([2, 1]) };
    const { movingMean, movingVariance } = normaliseBatch(tf, y, given);
    const close = (found: Tensor1D, expected: number[]) => {
      for (const [i, value] of expected.entries()) expect(found.dataSync()[i]).toBeCloseTo(value, 6);
    };
    close(movingMean, [0.99 + 0.03, 0.1]);
    // The biased variance is 3.5 over 4 positions.
    close(movingVariance, [1.98 + (0.01 * 3.5 * 4) / 3, 0.99]);
  });
});

describe("Keras's momentum SGD", () => {
  test("decays its rate with the updates already done", () => {
    const rate = { learningRate: 1e-4, decay: 1e-6 };
    const expected = [
      [0, 1e-4],
      [1, 9.99999000001e-5],
      [2, 9.99998000004e-5],
      [1_000, 9.99000999001e-5],
      [100_000, 9.09090909091e-5],
    ] as const;
    for (const [t, value] of expected) expect(learningRateAt(rate, t)).toBeCloseTo(value, 15);
  });

  test("v = m v - lr_t g and w = w + v, with t from 0, through an interruption as well", async () => {
    const run = async (steps: number, start: number, resume?: SgdState) => {
      const sgd = momentumSgd(tf, settings, resume);
      const w = tf.variable(tf.tensor1d([start]));
      for (let i = 0; i < steps; i++) {
        sgd.update("w", w, tf.tensor1d([2]));
        sgd.endStep();
      }
      const [value = Number.NaN] = w.dataSync();
      const state = await sgd.state();
      sgd.dispose();
      w.dispose();
      return { value, state };
    };
    // By hand: rates 1e-3, 1e-3 / 1.5, 1e-3 / 2; velocities -2e-3, -3.1333e-3, -3.82e-3.
    const whole = await run(3, 1);
    expect(whole.value).toBeCloseTo(1 - 0.002 - (0.0018 + 0.002 / 1.5) - (0.9 * (0.0018 + 0.002 / 1.5) + 0.001), 6);
    const half = await run(1, 1);
    expect(await run(2, half.value, half.state)).toEqual(whole);
    // A checkpoint that is written again before the next step has lost nothing.
    expect((await run(0, half.value, half.state)).state).toEqual(half.state);
    expect(half.state.velocities.size).toBe(1);
  });
});

describe("training", () => {
  const count = 2;
  let input: Tensor4D;
  let labels: Tensor2D;
  const open: TrainingNetwork[] = [];
  beforeAll(() => {
    const pixels = [...Array(count).keys()].flatMap((b) => Array.from(formulaImage(parameters, b)));
    input = tf.tensor4d(pixels, [count, 75, 75, 3]);
    labels = tf.tensor2d([0, 1], [count, 1]);
  });
  afterAll(() => {
    for (const network of open) network.dispose();
  });
  const build = (
    frozen: number,
    memory: "keep" | "recompute" = "recompute",
    from: LayerWeights[] = weights,
    u = unit,
  ) => {
    const network = buildTrainingNetwork(tf, { weights: from, unit: u, frozen, memory });
    open.push(network);
    return network;
  };
  const gradientsOf = (network: TrainingNetwork) => {
    const gradients = new Map<string, string>();
    const { loss } = backward(tf, network, { input, labels }, (name, _, gradient) => {
      gradients.set(name, digest(Float32Array.from(gradient.dataSync())));
    });
    return { loss, gradients };
  };

  test("recomputing blocks gives the very numbers of keeping everything", async () => {
    const [kept, again] = [build(70, "keep"), build(70)];
    const expected = gradientsOf(kept);
    const got = gradientsOf(again);
    expect(got.loss).toBe(expected.loss);
    expect(new Map([...got.gradients].sort())).toEqual(new Map([...expected.gradients].sort()));
    expect(digestsOf(await trainedWeights(again))).toEqual(digestsOf(await trainedWeights(kept)));
  });

  test.each([
    ["up to the middle of a block", 90],
    ["whole but for the unit", 94],
  ])("frozen %s: only what comes after has gradients", (_, frozen) => {
    const names = [...gradientsOf(build(frozen)).gradients.keys()];
    const numbers = Array.from({ length: 94 - frozen }, (_, i) => frozen + 1 + i);
    const expected = numbers.flatMap((n) => [`conv2d_${n}/kernel`, `batch_normalization_${n}/beta`]);
    expect(names.sort()).toEqual([...expected, "head/kernel", "head/bias"].sort());
  });

  test("keeps the number of tensors flat over steps", () => {
    const network = build(85);
    const sgd = momentumSgd(tf, settings);
    const step = () => trainStep(tf, network, sgd, { input, labels });
    const first = step();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) step();
    expect(tf.memory().numTensors).toBe(before);
    expect(step().loss).toBeLessThan(first.loss);
    sgd.dispose();
  });

  test("gives after 2 steps and 2 more exactly what 4 give, through what is stored", async () => {
    const run = async (steps: number, from?: { layers: LayerWeights[]; unit: UnitWeights; sgd: SgdState }) => {
      const network = build(85, "recompute", from && [...weights.slice(0, 85), ...from.layers], from?.unit);
      const sgd = momentumSgd(tf, settings, from?.sgd);
      for (let i = 0; i < steps; i++) trainStep(tf, network, sgd, { input, labels });
      const result = { ...(await trainedWeights(network)), sgd: await sgd.state() };
      sgd.dispose();
      return result;
    };
    const whole = await run(4);
    const resumed = await run(2, await run(2));
    expect(digestsOf(resumed)).toEqual(digestsOf(whole));
    expect(resumed.sgd.steps).toBe(4);
    for (const [name, velocity] of whole.sgd.velocities)
      expect(digest(resumed.sgd.velocities.get(name) ?? velocity.subarray(0, 0)), name).toBe(digest(velocity));
    const [first] = whole.layers;
    for (const part of ["kernel", "beta", "mean", "variance"] as const)
      expect(digest(first?.[part] ?? new Float32Array()), part).not.toBe(
        digest(weights[85]?.[part] ?? new Float32Array()),
      );
  });

  test("refuses what cannot be frozen and a unit of another size", () => {
    for (const frozen of [-1, 95, 1.5]) expect(() => build(frozen)).toThrow(/cannot be frozen/);
    const short = { kernel: new Float32Array(features - 1), bias: 0 };
    expect(() => build(94, "keep", weights, short)).toThrow(/2047 weights/);
  });
});
