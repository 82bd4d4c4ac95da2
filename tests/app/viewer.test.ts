import { describe, expect, test } from "vitest";
import { axesAround, middleOf, withChange } from "@/app/_viewer/axes";
import { boxAround, boxOfSection, cornersOf } from "@/app/_viewer/box";
import { axesOf, endsOf } from "@/app/_viewer/frames";
import { type Plane, toPatient, toPixel } from "@/core/dicom/plane";

/** Rows 0.5 mm apart, columns 0.75. */
const plane: Plane = {
  ...{ position: [-10, -20, 30], row: [1, 0, 0], column: [0, 1, 0], normal: [0, 0, 1] },
  spacing: { rows: 0.5, columns: 0.75, source: "patient" },
  ...{ width: 100, height: 80 },
};
const at = (x: number, y: number) => toPatient(plane, { x, y });

describe("the box around a measurement", () => {
  test("holds its four ends with five pixels on each side", () => {
    const ends = [at(30, 40), at(50.4, 41), at(41, 35.6), at(40, 47)];
    expect(boxAround(plane, ends)).toEqual({ left: 25, top: 31, width: 31, height: 22 });
  });

  test("ends where the image does", () => {
    expect(boxAround(plane, [at(1, 2), at(98, 2), at(50, 1), at(50, 78)])).toEqual({
      ...{ left: 0, top: 0, width: 100, height: 80 },
    });
  });

  test("reaches to the outer edges of its pixels, half a pixel beyond their centres", () => {
    const [topLeft, , bottomRight] = cornersOf(plane, { left: 0, top: 0, width: 100, height: 80 });
    expect(topLeft).toEqual([-10 - 0.375, -20 - 0.25, 30]);
    expect(bottomRight).toEqual([-10 + 99.5 * 0.75, -20 + 79.5 * 0.5, 30]);
  });
});

test("axes are told the longer first, whichever was drawn first", () => {
  const ends = endsOf([at(10, 10), at(10, 14), at(8, 12), at(16, 12)]);
  if (!ends) throw new Error("Four places have ends.");
  expect(axesOf(ends)).toEqual({ long: 6, short: 2 });
  expect(endsOf([at(1, 1), at(2, 2)])).toBeUndefined();
});

describe("axes by keyboard", () => {
  const laid = axesAround(plane, at(50, 40));
  const lengths = (ends: typeof laid) => axesOf(ends);

  test("are laid round a place, and within the image where that is at its edge", () => {
    expect(lengths(laid)).toEqual({ long: 9, short: 6 });
    expect(toPixel(plane, middleOf(laid))).toMatchObject({ x: 50, y: 40, distance: 0 });
    const atCorner = axesAround(plane, at(0, 79));
    expect(toPixel(plane, middleOf(atCorner))).toMatchObject({ x: 6, y: 73 });
  });

  test("move by pixels, each way by its own spacing", () => {
    const moved = withChange(plane, laid, { across: 2, down: -3 });
    expect(toPixel(plane, middleOf(moved))).toMatchObject({ x: 52, y: 37 });
    expect(lengths(moved)).toEqual(lengths(laid));
  });

  test("grow and shrink by a pixel round their middle, and never to nothing", () => {
    const longer = withChange(plane, laid, { longer: "long", by: 1 });
    expect(lengths(longer).long).toBeCloseTo(9.75, 9);
    expect(middleOf(longer)).toEqual(middleOf(laid));
    let shorter = laid;
    for (let times = 0; times < 40; times++) shorter = withChange(plane, shorter, { longer: "short", by: -1 });
    expect(lengths(shorter).short).toBeGreaterThan(0);
    expect(lengths(shorter).short).toBeLessThan(1);
  });

  test("turn round the middle of the long axis with their lengths", () => {
    let turned = laid;
    for (let times = 0; times < 18; times++) turned = withChange(plane, turned, { turn: 5 });
    expect(lengths(turned).long).toBeCloseTo(9, 9);
    expect(middleOf(turned)).toEqual(middleOf(laid).map((part) => expect.closeTo(part, 9)));
    expect(turned[1][1] - turned[0][1]).toBeCloseTo(9, 9);
  });

  test("do not leave the image", () => {
    const atEdge = axesAround(plane, at(0, 40));
    expect(withChange(plane, atEdge, { across: -1, down: 0 })).toBe(atEdge);
    expect(withChange(plane, atEdge, { across: 1, down: 0 })).not.toBe(atEdge);
  });
});

test("in another plane the box is as long on each side as the long axis, with the margin, round the place of the node", () => {
  const coronal: Plane = {
    ...{ position: [-10, 0, 60], row: [1, 0, 0], column: [0, 0, -1], normal: [0, 1, 0] },
    spacing: { rows: 1, columns: 1, source: "patient" },
    ...{ width: 120, height: 90 },
  };
  // 60 mm to the left of the first pixel, 30 mm below it: 9 mm are nine pixels, and one for both ends.
  expect(boxOfSection(coronal, [50, 4, 30], 9)).toEqual({ left: 51, top: 21, width: 20, height: 20 });
});
