import { describe, expect, test } from "vitest";
import { deepest, frozenConvolutions, isDepth, paperDepths } from "@/core/network/freezing";
import { type Builder, blockNames, blocks, convolutions, features, kernelShapes } from "@/core/network/inception";
import { publishedInput, sizeBlindSide, smallestInput } from "@/core/network/input";

/** The side of the map of each block for an input of this side. */
function sides(input: number): number[] {
  const valid = (side: number, kernel: number, stride: number) => Math.floor((side - kernel) / stride) + 1;
  const builder: Builder<number> = {
    conv: (side, _filters, height, width, stride, padding) =>
      padding === "same" ? side : valid(side, Math.max(height, width), stride),
    maxPool: (side) => valid(side, 3, 2),
    averagePool: (side) => side,
    concat: ([side = 0]) => side,
  };
  let side = input;
  return blockNames.map((name) => {
    side = blocks[name](builder, side);
    return side;
  });
}

describe("the table of Inception-v3", () => {
  test("has the convolutions and weights of Keras's model without its top", () => {
    expect(convolutions).toBe(94);
    const kernels = kernelShapes().reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0);
    const filters = kernelShapes().reduce((sum, [, , , out]) => sum + out, 0);
    // keras.applications.InceptionV3(include_top=False).count_params(), three numbers a filter in the normalisations
    expect(kernels + 3 * filters).toBe(21_802_784);
    expect(kernelShapes().at(-1)?.[2]).toBe(features);
  });

  test("makes maps of 35, 17 and 8 positions at the published size, and one position at the smallest", () => {
    expect(sides(publishedInput)).toEqual([35, 35, 35, 35, 17, 17, 17, 17, 17, 8, 8, 8]);
    expect(sides(smallestInput).at(-1)).toBe(1);
    expect(sides(smallestInput - 1).at(-1)).toBe(0);
  });
});

describe("what is frozen", () => {
  test("is counted in convolutions, or in mixed blocks with the stem in front", () => {
    const inBlocks = Array.from({ length: deepest.blocks + 1 }, (_, frozen) =>
      frozenConvolutions({ frozen, frozenUnit: "blocks" }),
    );
    expect(inBlocks).toEqual([0, 12, 19, 26, 30, 40, 50, 60, 70, 76, 85, 94]);
    expect(frozenConvolutions({ frozen: 7, frozenUnit: "convolutions" })).toBe(7);
  });

  test("is a depth that the network has, and no other", () => {
    for (const frozen of paperDepths) expect(isDepth({ frozen, frozenUnit: "blocks" })).toBe(true);
    for (const [frozen, frozenUnit] of [
      [12, "blocks"],
      [95, "convolutions"],
      [-1, "blocks"],
      [1.5, "blocks"],
    ] as const) {
      expect(isDepth({ frozen, frozenUnit })).toBe(false);
      expect(() => frozenConvolutions({ frozen, frozenUnit })).toThrow(RangeError);
    }
  });
});

test("a crop that shall not show its size takes two thirds of the input, whatever its size", () => {
  expect(sizeBlindSide(publishedInput)).toBe(200);
  expect(sizeBlindSide(smallestInput)).toBe(50);
});
