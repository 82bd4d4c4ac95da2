import sharp from "sharp";
import { expect, test } from "vitest";
import { barsOf } from "@/app/studies/[study]/reading/case/bars";
import { canvasSide, drawOnCanvas } from "@/server/services/imaging/draw-on-canvas";

/** The bars of a crop of this size on its canvas; of one grey, but for its edges. */
async function barsOfCrop(width: number, height: number, grey = 90) {
  const crop = await sharp({ create: { width, height, channels: 3, background: { r: grey, g: grey, b: grey } } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
  const canvas = await drawOnCanvas(sharp(crop), { width, height, channels: 1 });
  const { data } = await sharp(canvas).toColourspace("srgb").ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return barsOf(new Uint8ClampedArray(data), canvasSide);
}

test.each([
  ["wide", 40, 28, { across: 0, down: 45 }],
  ["high", 28, 40, { across: 45, down: 0 }],
  ["narrow", 4, 40, { across: 135, down: 0 }],
  ["square", 40, 40, { across: 0, down: 0 }],
])("the bars beside a %s picture are those that the canvas was drawn with", async (_, width, height, bars) => {
  expect(await barsOfCrop(width, height)).toEqual(bars);
});

test("a canvas that is black all over has no bars, and a dark edge that is not black is part of the picture", async () => {
  expect(await barsOfCrop(40, 40, 0)).toEqual({ across: 0, down: 0 });
  expect(await barsOfCrop(40, 28, 1)).toEqual({ across: 0, down: 45 });
});
