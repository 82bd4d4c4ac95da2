import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BlockName, blockNames, blocks } from "@/core/network/inception";
import { seededRandom } from "@/core/random";
import { formulaImage, formulaUnit, formulaWeights } from "@/scripts/parity/formula";
import { loadPortable, type Tf } from "@/worker/engines";
import { extentOf, type HeatMap, valueAt } from "@/worker/explain/heat-map";
import { coveringOf, occlusionMap } from "@/worker/explain/occlusion";
import { colourOf, overlay, overlayHeight, pictureSize } from "@/worker/explain/overlay";
import type { Picture } from "@/worker/inception/augmentation";
import { frozenConvolution } from "@/worker/inception/differentiable";
import { camGrid, gradCam, logitsFrom } from "@/worker/inception/grad-cam";
import { buildNetwork, forward, type Network } from "@/worker/inception/network";
import type { CanvasWindow } from "@/worker/inception/preprocess";
import type { UnitWeights } from "@/worker/inception/training-network";
import { openScorer } from "@/worker/scoring/score";

const size = 139;
const parameters = { size, seed: 1, set: 0, count: 2, centre: 1, frozen: 0 };

let tf: Tf;
let network: Network;
let unit: UnitWeights;
let input: Tensor4D;
const layers = formulaWeights(parameters);
beforeAll(async () => {
  tf = await loadPortable();
  network = buildNetwork(tf, layers);
  unit = formulaUnit(parameters);
  input = tf.tensor4d(formulaImage(parameters, 0), [1, size, size, 3]);
});
afterAll(() => {
  network.dispose();
  input.dispose();
});

/** Numbers in -1 .. 1. */
function random(shape: readonly number[], seed: number): Float32Array {
  const next = seededRandom(seed);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * next() - 1);
}
const dot = (a: Tensor, b: Tensor): number => tf.tidy(() => tf.sum(tf.mul(a, b)).dataSync()[0] ?? Number.NaN);

describe("the gradient of the logit through frozen layers", () => {
  test.each([
    ["3 x 3, stride 2", [7, 9], [3, 3], 2, "valid"],
    ["1 x 7, same", [5, 9], [1, 7], 1, "same"],
    ["1 x 1", [4, 5], [1, 1], 1, "same"],
  ] as const)("of a convolution with ReLU is that of differences: %s", (_, [h, w], [kh, kw], stride, padding) => {
    tf.tidy(() => {
      const x: Tensor4D = tf.tensor4d(random([2, h, w, 3], 1), [2, h, w, 3]);
      const kernel: Tensor4D = tf.tensor4d(random([kh, kw, 3, 4], 2), [kh, kw, 3, 4]);
      // Far from where the ReLU bends: two maps open, two shut.
      const layer = { kernel, bias: tf.tensor1d([99, -99, 99, -99]) };
      const done = (x: Tensor) => frozenConvolution(tf, x as Tensor4D, layer, { stride, padding });
      const f = (x: Tensor) => done(x).value;
      const { shape } = f(x);
      const d: Tensor4D = tf.tensor4d(random(shape, 3), shape);
      const along = tf.tensor(random(x.shape, 4), x.shape);
      const differences = (dot(f(tf.add(x, along)), d) - dot(f(tf.sub(x, along)), d)) / 2;
      const [gradient = x] = done(x).back(d).inputs;
      expect(Math.abs(differences)).toBeGreaterThan(0.1);
      expect(dot(gradient, along)).toBeCloseTo(differences, 3);
    });
  });

  test("from mixed7 to the logit is that of differences, in several directions", () => {
    tf.tidy(() => {
      let mixed7 = input;
      forward(tf, network, input, (name, output) => {
        if (name === "mixed7") mixed7 = output;
      });
      const from = (x: Tensor) => logitsFrom(tf, network, unit, "mixed7", x as Tensor4D);
      const { gradient } = from(mixed7);
      const length = Math.sqrt(dot(gradient, gradient));
      // The logit, about -17, has steps of 2e-6 in float32 and bends at every unit that a step opens or shuts: the change should be well
      // above the one and small against the other: 2 % is left. Directions are halves of the gradient itself, along which it changes most.
      for (const seed of [1, 2, 3]) {
        const half = tf.step(tf.tensor(random(mixed7.shape, seed), mixed7.shape));
        const along = tf.mul(tf.mul(gradient, half), 0.02 / length ** 2);
        const at = (x: Tensor) => from(x).logits.dataSync()[0] ?? Number.NaN;
        const differences = at(tf.add(mixed7, along)) - at(tf.sub(mixed7, along));
        expect(differences).toBeGreaterThan(0.01);
        expect(Math.abs(2 * dot(gradient, along) - differences)).toBeLessThan(0.02 * differences);
      }
    });
  });
});

test("Grad-CAM at mixed7 is the weighted sum of its maps, and gives the network's logit", async () => {
  const before = tf.memory().numTensors;
  const fine = gradCam(tf, network, unit, input, "mixed7");
  expect(tf.memory().numTensors).toBe(before);
  const coarse = gradCam(tf, network, unit, input);
  expect([fine.height, fine.width, fine.alpha.length]).toEqual([7, 7, 768]);
  expect(fine.logit).toBeCloseTo(coarse.logit, 4);
  const scorer = openScorer(tf, { layers, unit, input: { mean: [0, 0, 0], divisor: 1, size, sizeBlind: false } });
  const [logit] = await scorer.logits([Float32Array.from(input.dataSync())]);
  scorer.dispose();
  expect(fine.logit).toBeCloseTo(logit ?? Number.NaN, 4);
  expect(tf.memory().numTensors).toBe(before);
  tf.tidy(() => {
    forward(tf, network, input, (name, output) => {
      if (name !== "mixed7") return;
      const expected = tf.sum(tf.mul(output, tf.tensor1d(fine.alpha)), 3).dataSync();
      for (const [i, value] of fine.raw.entries()) expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 4);
    });
  });
});

/** Middle of what each position of a block sees, by walking its convolutions and poolings; every path of a block has the same. */
function gridOf(last: BlockName): { first: number; step: number } {
  const valid = ({ first, step }: { first: number; step: number }, extent: number, stride: number) => ({
    first: first + ((extent - 1) / 2) * step,
    step: step * stride,
  });
  return blockNames.slice(0, blockNames.indexOf(last) + 1).reduce(
    (grid, name) =>
      blocks[name]<{ first: number; step: number }>(
        {
          conv: (x, _filters, height, _width, stride, padding) => (padding === "valid" ? valid(x, height, stride) : x),
          maxPool: (x) => valid(x, 3, 2),
          averagePool: (x) => x,
          concat: ([first, ...others]) => {
            if (!first) throw new Error("nothing to join");
            for (const other of others) expect(other).toEqual(first);
            return first;
          },
        },
        grid,
      ),
    { first: 0, step: 1 },
  );
}

test("the places of the maps on the input are those of the topology, symmetric at 299 pixels", () => {
  for (const [block, count] of [
    ["mixed7", 17],
    ["mixed10", 8],
  ] as const) {
    expect(camGrid[block]).toEqual(gridOf(block));
    const { first, step } = camGrid[block];
    expect(first + (first + (count - 1) * step)).toBe(298);
  }
});

describe("occlusion", () => {
  const window: CanvasWindow = { x: 30, y: 42, width: 60, height: 32 };
  const canvas = 120;
  const bright = { left: 60, top: 50, size: 8 };
  const isBright = (x: number, y: number) =>
    x >= bright.left && y >= bright.top && x < bright.left + bright.size && y < bright.top + bright.size;
  const picture = () => {
    const values = new Float32Array(canvas * canvas * 3);
    for (let y = window.y; y < window.y + window.height; y++)
      for (let x = window.x; x < window.x + window.width; x++)
        values.fill(isBright(x, y) ? 1 : 0.2, (y * canvas + x) * 3, (y * canvas + x + 1) * 3);
    return values;
  };
  /** Knows one thing: how bright the square is. The rest of the crop counts against it a little. */
  const logits = async (inputs: readonly Float32Array[]) =>
    Float32Array.from(inputs, (input) => {
      let [inside, outside] = [0, 0];
      for (let i = 0; i < input.length; i += 3) {
        const [x, y] = [(i / 3) % canvas, Math.floor(i / 3 / canvas)];
        if (isBright(x, y)) inside += input[i] ?? 0;
        else outside += input[i] ?? 0;
      }
      return inside / bright.size ** 2 - outside / 1e5;
    });
  const run = (batch: number, onProgress = async (_done: number, _total: number) => {}) =>
    occlusionMap({ input: picture(), window, covering: coveringOf(window), logits, batch, onProgress });

  test("of a planted bright square peaks there, and is the fall of the logit", async () => {
    const { map, logit } = await run(7);
    expect(logit).toBeCloseTo(1, 1);
    expect(coveringOf(window)).toEqual({ patch: 16, stride: 8 });
    const best = map.values.indexOf(Math.max(...map.values));
    const middle = {
      x: map.firstX + (best % map.width) * map.step,
      y: map.firstY + Math.floor(best / map.width) * map.step,
    };
    expect(Math.abs(middle.x - (bright.left + 3.5))).toBeLessThanOrEqual(map.step);
    expect(Math.abs(middle.y - (bright.top + 3.5))).toBeLessThanOrEqual(map.step);
    // Wholly covered by the crop's mean: 0.2 and a little.
    expect(map.values[best]).toBeCloseTo(0.8 - (64 * 0.8) / (60 * 32), 2);
    expect(valueAt(map, window.x, window.y + window.height - 1)).toBeLessThan(0.01);
  });

  test("is the same whatever the batch, and tells how far it is", async () => {
    const told: number[][] = [];
    const one = await run(1);
    const many = await run(50, async (done, total) => {
      told.push([done, total]);
    });
    expect(many).toEqual(one);
    const places = one.map.width * one.map.height;
    expect(told).toEqual([[Math.min(50, places), places], ...(places > 50 ? [[places, places]] : [])]);
  });

  test("leaves the padding and the picture as they are", async () => {
    const original = picture();
    await occlusionMap({
      input: original,
      window,
      covering: { patch: 30, stride: 9 },
      batch: 4,
      onProgress: async () => {},
      logits: async (inputs) => {
        for (const input of inputs) {
          const beside = (x: number) => Array.from({ length: canvas }, (_, y) => input[(y * canvas + x) * 3]);
          for (const x of [window.x - 1, window.x + window.width]) expect(beside(x).every((v) => v === 0)).toBe(true);
        }
        return new Float32Array(inputs.length);
      },
    });
    expect(original).toEqual(picture());
  });

  test("of a crop smaller than its patches still covers it", async () => {
    const small = { x: 50, y: 50, width: 3, height: 1 };
    const { map } = await occlusionMap({
      input: picture(),
      window: small,
      covering: coveringOf(small),
      batch: 8,
      logits,
      onProgress: async () => {},
    });
    expect([map.width, map.height, map.firstX, map.firstY]).toEqual([3, 1, 50, 50]);
  });
});

describe("a heat map", () => {
  const map: HeatMap = { width: 2, height: 2, values: Float32Array.of(0, 1, 2, 3), firstX: 10, firstY: 20, step: 10 };

  test("is bilinear between its values and constant beyond them", () => {
    expect([valueAt(map, 10, 20), valueAt(map, 20, 30), valueAt(map, 15, 25)]).toEqual([0, 3, 1.5]);
    expect([valueAt(map, -100, 25), valueAt(map, 100, 100)]).toEqual([1, 3]);
  });

  test("says how much of it lies outside the crop", () => {
    const even: HeatMap = { width: 1, height: 1, values: Float32Array.of(-2), firstX: 0, firstY: 0, step: 1 };
    const extent = extentOf(even, { x: 10, y: 0, width: 30, height: 40 }, 40);
    expect(extent.largest).toBe(2);
    expect(extent.outside).toBeCloseTo(0.25, 12);
    const empty = { ...even, values: new Float32Array(1) };
    expect(extentOf(empty, { x: 0, y: 0, width: 1, height: 1 }, 40)).toEqual({ largest: 0, outside: 0 });
  });
});

/** OKLab of an sRGB colour (Ottosson 2020). */
function oklab(rgb: readonly number[]): number[] {
  const [r = 0, g = 0, b = 0] = rgb.map((value) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  );
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
const distance = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((value, i) => value - (b[i] ?? 0)));

describe("the scale", () => {
  const steps = Array.from({ length: 21 }, (_, i) => (i - 10) / 10);

  test("stays within sRGB, at one lightness, with equal steps between equal steps of evidence", () => {
    const seen = steps.map((evidence) => {
      const colour = colourOf(evidence);
      for (const value of colour) expect(value >= 0 && value <= 255, `${evidence}: ${colour}`).toBe(true);
      return oklab(colour);
    });
    for (const [i, lab] of seen.entries()) {
      expect(lab[0]).toBeCloseTo(0.7, 4);
      const before = seen[i - 1];
      if (before) expect(distance(before, lab)).toBeCloseTo(0.0125, 4);
    }
    expect(colourOf(3)).toEqual(colourOf(1));
  });

  test("keeps its two ends far apart for people without red or green cones", () => {
    // Viénot, Brettel and Mollon (1999), on linear sRGB: what a protanope and a deuteranope see of a colour.
    const linear = (value: number) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    const shown = (value: number) => 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
    const sight = { protanope: [0.11238, 0.88762, 0.00401], deuteranope: [0.29275, 0.70725, -0.02234] } as const;
    for (const [yellow, green, blue] of Object.values(sight)) {
      const seen = (evidence: number) => {
        const [r = 0, g = 0, b = 0] = colourOf(evidence).map(linear);
        const both = yellow * r + green * g;
        return oklab([both, both, blue * (r - g) + b].map((value) => shown(Math.max(0, Math.min(1, value)))));
      };
      // 0.02 is a difference that is just seen side by side.
      expect(distance(seen(-1), seen(1))).toBeGreaterThan(0.15);
      expect(distance(seen(0), seen(1))).toBeGreaterThan(0.06);
      expect(distance(seen(0), seen(-1))).toBeGreaterThan(0.06);
    }
  });
});

describe("the overlay", () => {
  const window: CanvasWindow = { x: 20, y: 10, width: 40, height: 20 };
  const canvas: Picture = {
    width: 80,
    height: 40,
    channels: 1,
    values: Float32Array.from({ length: 80 * 40 }, () => 100),
  };
  const map: HeatMap = { width: 3, height: 1, values: Float32Array.of(-1, 0, 1), firstX: 20, firstY: 20, step: 19.5 };
  const read = async (png: Buffer) => {
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) =>
      Array.from(data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3));
    return { info, at };
  };

  test("has one size whatever the crop, and the same bytes for the same input", async () => {
    const png = await overlay(canvas, window, map, 1);
    expect(png.equals(await overlay(canvas, window, map, 1))).toBe(true);
    const { info } = await read(png);
    expect([info.width, info.height, info.channels]).toEqual([pictureSize, overlayHeight, 3]);
    const tall = await overlay(canvas, { x: 0, y: 0, width: 7, height: 31 }, map, 1);
    expect((await read(tall)).info).toMatchObject({ width: pictureSize, height: overlayHeight });
  });

  test("is blue where the evidence is against, orange where it is for, the crop itself between, black around", async () => {
    const { at } = await read(await overlay(canvas, window, map, 1));
    const [red, , blue] = at(508, 256);
    expect((red ?? 0) - (blue ?? 0)).toBeGreaterThan(60);
    const [otherRed, , otherBlue] = at(3, 256);
    expect((otherBlue ?? 0) - (otherRed ?? 0)).toBeGreaterThan(60);
    for (const value of at(256, 256)) expect(Math.abs(value - 100)).toBeLessThanOrEqual(2);
    expect(at(256, 20)).toEqual([0, 0, 0]);
    const none = await read(await overlay(canvas, window, map, 0));
    expect(none.at(508, 256)).toEqual([100, 100, 100]);
  });

  test("carries its scale, from against to for, with a mark at none", async () => {
    const { at } = await read(await overlay(canvas, window, map, 1));
    const y = overlayHeight - 5;
    expect(at(256, y)).toEqual([255, 255, 255]);
    expect((at(2, y)[2] ?? 0) - (at(2, y)[0] ?? 0)).toBeGreaterThan(60);
    expect((at(509, y)[0] ?? 0) - (at(509, y)[2] ?? 0)).toBeGreaterThan(60);
    expect(at(256, pictureSize + 2)).toEqual([0, 0, 0]);
  });
});
