import { beforeAll, describe, expect, test } from "vitest";
import { features } from "@/core/network/inception";
import { learningRateAt } from "@/core/network/learning-rate";
import { seededRandom } from "@/core/random";
import { auc } from "@/core/stats/roc/auc";
import { formulaImage, formulaUnit, formulaWeights } from "@/scripts/parity/formula";
import fixture from "@/tests/parity/train_head.json";
import { loadPortable } from "@/worker/engines";
import { buildNetwork, pooledFeatures } from "@/worker/inception/network";
import { type HeadState, logit, lossOf, type Sample, trainHead } from "@/worker/training/head";

const sgd = { kind: "sgd", learningRate: 0.05, momentum: 0.9, decay: 1e-3, batchSize: 8, epochs: 4 } as const;
const logistic = { kind: "logistic", c: 0.1, epochs: 4 } as const;

/** Two overlapping clouds in 12 dimensions. */
function clouds(seed: number, distance: number): Sample {
  const random = seededRandom(seed);
  const y = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 1 : 0) as 0 | 1);
  return { x: y.map((label) => Float32Array.from({ length: 12 }, () => random() + label * distance)), y };
}

const nothing = async () => {};

describe.each([
  ["sgd", sgd],
  ["logistic", logistic],
] as const)("the unit trained by %s", (_, optimiser) => {
  const sample = clouds(1, 0.2);
  const train = (epochs: number, resume?: HeadState, seed = 7) =>
    trainHead({ sample, optimiser: { ...optimiser, epochs }, seed, resume, onEpoch: nothing });

  test("gives after 2 epochs and 2 more exactly what 4 give, through a checkpoint as it is stored", async () => {
    const half: HeadState = JSON.parse(JSON.stringify(await train(2)));
    expect(half.epoch).toBe(2);
    expect(await train(4, half)).toEqual(await train(4));
    expect((await train(4)).weights).not.toEqual(half.weights);
  });

  test("gives the same for the same seed, bit for bit", async () => {
    expect(await train(4)).toEqual(await train(4));
  });

  test("lowers the loss and separates what can be separated", async () => {
    const apart = clouds(2, 3);
    const state = await trainHead({
      sample: apart,
      optimiser: { ...optimiser, epochs: 40 },
      seed: 1,
      onEpoch: nothing,
    });
    expect(lossOf(state, apart)).toBeLessThan(Math.LN2 / 4);
    const score = apart.x.map((row) => logit(state, row));
    expect(auc({ truth: apart.y, score, direction: "higher" }).auc.estimate).toBe(1);
  });
});

test("sgd draws its order and its start from the seed", async () => {
  const sample = clouds(1, 0.2);
  const train = (seed: number) => trainHead({ sample, optimiser: sgd, seed, onEpoch: nothing });
  expect((await train(7)).weights).not.toEqual((await train(8)).weights);
});

test("the learning rate decays as Keras's legacy SGD does", () => {
  const regimen = { learningRate: 1e-4, decay: 1e-6 };
  const published: [step: number, rate: number][] = [
    [0, 1e-4],
    [1, 9.99999e-5],
    [2, 9.99998e-5],
    [1_000, 9.99001e-5],
    [100_000, 9.090909e-5],
  ];
  for (const [step, rate] of published) expect(learningRateAt(regimen, step)).toBeCloseTo(rate, 10);
});

test("a learning rate that blows the loss up ends with what to do", async () => {
  const sample = clouds(1, 0.2);
  const optimiser = { ...sgd, learningRate: 1e308, epochs: 20 };
  await expect(trainHead({ sample, optimiser, seed: 1, onEpoch: nothing })).rejects.toThrow(/Lower the learning rate/);
});

describe("five steps on frozen features are those of Keras", () => {
  const { size, count } = fixture.parameters;
  const { parameters } = fixture;
  let sample: Sample;
  beforeAll(async () => {
    const tf = await loadPortable();
    const network = buildNetwork(tf, formulaWeights(parameters));
    const x: Float32Array[] = [];
    for (let i = 0; i < count; i++) {
      const input = tf.tensor4d(formulaImage(parameters, i), [1, size, size, 3]);
      const pooled = pooledFeatures(tf, network, input);
      x.push(Float32Array.from(await pooled.data()));
      tf.dispose([input, pooled]);
    }
    network.dispose();
    sample = { x, y: fixture.labels.map((label) => (label === 1 ? 1 : 0)) };
  });

  test("losses, weights and velocity", async () => {
    const { kernel, bias } = formulaUnit(parameters);
    const start: HeadState = {
      epoch: 0,
      converged: false,
      weights: [...kernel, bias],
      memory: [],
      mean: new Array<number>(features).fill(0),
      deviation: new Array<number>(features).fill(1),
    };
    const { loss: expected, after } = fixture.float64;
    const steps = new Map(Object.entries(after).map(([step, { head }]) => [Number(step), head]));
    const losses = [lossOf(start, sample)];
    const optimiser = {
      kind: "sgd",
      learningRate: 1e-4,
      momentum: 0.95,
      decay: 1e-6,
      batchSize: count,
      epochs: 5,
    } as const;
    await trainHead({
      sample,
      optimiser,
      seed: 1,
      resume: start,
      onEpoch: async (state, loss) => {
        losses.push(loss);
        const head = steps.get(state.epoch);
        if (!head) return;
        const [velocity = []] = state.memory;
        const largest = Math.max(...head.velocity_first16.map(Math.abs));
        for (const [i, value] of head.velocity_first16.entries())
          expect(Math.abs((velocity[i] ?? Number.NaN) - value) / largest, `velocity[${i}]`).toBeLessThan(5e-5);
        for (const [i, value] of head.kernel_first16.entries())
          expect(Math.abs((state.weights[i] ?? Number.NaN) - value), `kernel[${i}]`).toBeLessThan(5e-7);
        expect(Math.abs((state.weights[features] ?? Number.NaN) - head.bias)).toBeLessThan(5e-7);
      },
    });
    expect(losses).toHaveLength(expected.length);
    for (const [i, loss] of expected.entries())
      expect(Math.abs((losses[i] ?? Number.NaN) - loss), `loss ${i}`).toBeLessThan(5e-5);
  });
});
