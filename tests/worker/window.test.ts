import type { Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { type BlockName, blockNames, features } from "@/core/network/inception";
import { seededRandom } from "@/core/random";
import { formulaUnit, formulaWeights } from "@/scripts/parity/formula";
import { loadPortable, type Tf } from "@/worker/engines";
import { openExtractor } from "@/worker/features/extractor";
import { buildNetwork, type LayerWeights, type Network, pooledFeatures, runFolded } from "@/worker/inception/network";
import { backward, buildTrainingNetwork } from "@/worker/inception/training-network";
import { type Box, blankActivations, contentBox, windowedBlocks } from "@/worker/inception/window";

const parameters = { size: 299, seed: 1, set: 0, count: 1, centre: 1, frozen: 0 };

let tf: Tf;
let weights: LayerWeights[];
let network: Network;
beforeAll(async () => {
  tf = await loadPortable();
  weights = formulaWeights(parameters);
  network = buildNetwork(tf, weights);
});

/** A crop of noise in its box on a canvas of one colour. */
function picture(size: number, box: Box, canvas: readonly number[]): Float32Array {
  const random = seededRandom(box.width * 1000 + box.x);
  return Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
    const isInside = x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;
    return isInside ? random() : (canvas[i % 3] ?? 0);
  });
}

const tensorOf = (pictures: readonly Float32Array[], size: number): Tensor4D =>
  tf.tensor4d(
    pictures.flatMap((values) => Array.from(values)),
    [pictures.length, size, size, 3],
  );

const through = (last: BlockName) => blockNames.slice(0, blockNames.indexOf(last) + 1);

/** Largest difference between the whole computation and that of the windows. */
function difference(size: number, boxes: Box[], canvas: number[], last: BlockName, together = 1): number {
  const names = through(last);
  const blank = blankActivations(tf, network.layers, names, { size, canvas });
  const before = tf.memory().numTensors;
  const pictures = boxes.map((box) => picture(size, box, canvas));
  const [largest = Number.NaN] = tf.tidy(() => {
    const input = tensorOf(pictures, size);
    const whole = runFolded(tf, network.layers, names, input);
    const windowed = windowedBlocks(tf, network.layers, names, input, { boxes, blank, together });
    expect(windowed.shape).toEqual(whole.shape);
    return tf.max(tf.abs(tf.sub(whole, windowed))).dataSync();
  });
  expect(tf.memory().numTensors).toBe(before);
  blank.dispose();
  return largest;
}

describe("a window gives the bits of the whole computation", () => {
  test.each<[string, Box, number[]]>([
    ["in the middle", { x: 119, y: 127, width: 60, height: 45 }, [0, 0, 0]],
    ["of 20 pixels, the smallest of the study", { x: 139, y: 139, width: 20, height: 20 }, [0, 0, 0]],
    ["of 111 pixels, the largest, at an odd place", { x: 95, y: 94, width: 111, height: 111 }, [0, 0, 0]],
    ["of one pixel", { x: 150, y: 149, width: 1, height: 1 }, [0, 0, 0]],
    ["in the first corner, where zeros are filled in", { x: 0, y: 0, width: 61, height: 40 }, [0, 0, 0]],
    ["in the last corner", { x: 266, y: 259, width: 33, height: 40 }, [0, 0, 0]],
    ["on a coloured canvas", { x: 100, y: 130, width: 70, height: 33 }, [-0.25, -0.5, 0.125]],
  ])("a crop %s", (_, box, canvas) => {
    for (const last of ["stem", "mixed2", "mixed5"] as const) expect(difference(299, [box], canvas, last)).toBe(0);
  });

  test("at other sizes of the canvas, whatever its remainders by the strides", () => {
    for (const size of [139, 150, 151, 152, 203])
      expect(difference(size, [{ x: 61, y: 40, width: 21, height: 17 }], [0, 0, 0], "mixed3"), String(size)).toBe(0);
  });

  test("of pictures that do not share one, each in its place", () => {
    const boxes = [100, 20, 60, 33, 90].map((side) => ({ x: 199 - side, y: 99, width: side, height: 21 }));
    for (const together of [2, 5]) expect(difference(299, boxes, [0, 0, 0], "mixed2", together)).toBe(0);
  });

  test("of a picture that fills its canvas", () => {
    expect(difference(299, [{ x: 0, y: 0, width: 299, height: 299 }], [0, 0, 0], "mixed0")).toBe(0);
  });
});

test("the box of a picture is the smallest around what is not canvas, and one pixel of an empty one", () => {
  const box = { x: 7, y: 3, width: 5, height: 9 };
  expect(contentBox(picture(20, box, [0.5, 0, 0]), 20, [0.5, 0, 0])).toEqual(box);
  expect(contentBox(new Float32Array(300), 10, [0, 0, 0])).toEqual({ x: 0, y: 0, width: 1, height: 1 });
});

test("the features of a crop are those of the whole picture, whatever is extracted with it", () => {
  const boxes = [30, 100, 50].map((side) => ({ x: 149 - side / 2, y: 140, width: side, height: side }));
  const pictures = boxes.map((box) => picture(299, box, [0, 0, 0]));
  const extractor = openExtractor(tf, weights, 299);
  const found = extractor.extract(pictures);
  for (const [i, values] of pictures.entries()) {
    const whole = tf.tidy(() => Float32Array.from(pooledFeatures(tf, network, tensorOf([values], 299)).dataSync()));
    expect(whole).toHaveLength(features);
    expect(Array.from(found[i] ?? [])).toEqual(Array.from(whole));
  }
  extractor.dispose();
});

test("a step of training in windows has the losses and gradients of one without", () => {
  const size = 139;
  const canvas = [-0.25, -0.5, 0.125];
  const boxes = [
    { x: 50, y: 60, width: 20, height: 30 },
    { x: 60, y: 40, width: 33, height: 21 },
  ];
  const training = buildTrainingNetwork(tf, {
    weights,
    unit: formulaUnit(parameters),
    frozen: 85,
    memory: "recompute",
  });
  const input = tensorOf(
    boxes.map((box) => picture(size, box, canvas)),
    size,
  );
  const labels = tf.tensor2d([0, 1], [2, 1]);
  const step = (windows?: Box[]) => {
    const norms = new Map<string, number>();
    const batch = { input, labels, ...(windows && { windows }) };
    const { loss } = backward(tf, training, batch, (name, _, gradient) => {
      norms.set(
        name,
        tf.tidy(() => tf.norm(gradient).dataSync()[0] ?? Number.NaN),
      );
    });
    return { loss, norms };
  };
  const whole = step();
  expect(step(boxes)).toEqual(whole);
  expect([...training.blanks.keys()]).toHaveLength(1);
  const before = tf.memory().numTensors;
  step(boxes);
  expect(tf.memory().numTensors).toBe(before);
  training.dispose();
  tf.dispose([input, labels]);
});
