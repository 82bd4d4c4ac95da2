import { describe, expect, test } from "vitest";
import { boxAround, cornersOf } from "@/app/_viewer/box";
import { axesOf, endsOf } from "@/app/_viewer/frames";
import { type Plane, toPatient } from "@/core/dicom/plane";

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
