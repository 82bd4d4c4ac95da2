import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DataSet } from "@/core/dicom/data-set";
import { frameCount, frameOf } from "@/core/dicom/frame";
import { distance, lettersOf, oppositeLetters, orientationOf, planeOf, toPatient, toPixel } from "@/core/dicom/plane";
import { millimetres, spacingOf } from "@/core/dicom/spacing";
import { stacksOf } from "@/core/dicom/stack";
import { cross, type Vector } from "@/core/dicom/vector";
import { dataSet } from "./data";

/** A slice of 320 x 320 pixels of 0.5 mm. */
const slice = (orientation: number[], position: Vector, more: Record<string, unknown> = {}): DataSet =>
  dataSet({
    Rows: 320,
    Columns: 320,
    PixelSpacing: "0.5\\0.5",
    SliceThickness: "3",
    ImageOrientationPatient: orientation.join("\\"),
    ImagePositionPatient: position.join("\\"),
    ...more,
  });
const planeAt = (orientation: number[], position: Vector = [0, 0, 0]) => {
  const plane = planeOf(slice(orientation, position));
  if (!plane) throw new Error("no plane");
  return plane;
};
const radians = (degrees: number) => (degrees * Math.PI) / 180;

describe("the plane of a picture", () => {
  test.each([
    ["axial", [1, 0, 0, 0, 1, 0]],
    ["sagittal", [0, 1, 0, 0, 0, -1]],
    ["coronal", [1, 0, 0, 0, 0, -1]],
  ] as const)("is %s by its orientation", (name, orientation) => {
    expect(orientationOf(planeAt([...orientation]))).toMatchObject({ name, nearest: name, tilt: 0 });
  });

  test("keeps its name while it is tilted, with the angle and where to; from 36.9 degrees it is oblique", () => {
    const tilted = (degrees: number) =>
      orientationOf(planeAt([1, 0, 0, 0, Math.cos(radians(degrees)), -Math.sin(radians(degrees))]));
    expect(tilted(20)).toMatchObject({ name: "axial", nearest: "axial" });
    expect(tilted(20).tilt).toBeCloseTo(20, 6);
    expect(tilted(20).towards.coronal).toBeCloseTo(20, 6);
    expect(tilted(20).towards.sagittal).toBeCloseTo(0, 6);
    expect(tilted(-20).towards.coronal).toBeCloseTo(-20, 6);
    expect(tilted(36.8).name).toBe("axial");
    expect(tilted(37).name).toBe("oblique");
    expect(tilted(60)).toMatchObject({ name: "coronal", nearest: "coronal" });
  });

  test("is none where a cosine is no cosine, or something is missing", () => {
    expect(planeOf(slice([1, 0, 0, 0, 1, 0], [0, 0, 0]))).toBeDefined();
    expect(planeOf(slice([1, 0, 0, 1, 0, 0], [0, 0, 0])), "not at right angles").toBeUndefined();
    expect(planeOf(slice([2, 0, 0, 0, 1, 0], [0, 0, 0])), "not of unit length").toBeUndefined();
    expect(planeOf(slice([1, 0, 0, 0, 1, 0], [0, 0, 0], { PixelSpacing: "0\\0" }))).toBeUndefined();
    expect(planeOf(slice([1, 0, 0, 0, 1, 0], [0, 0, 0], { ImagePositionPatient: "0\\0" }))).toBeUndefined();
  });

  test("has letters at its edges", () => {
    // PS3.3 section C.7.6.1.1.1: of an axial slice the rows run to the left, the columns to the back.
    expect(lettersOf([1, 0, 0])).toBe("L");
    expect(lettersOf([0, 1, 0])).toBe("P");
    expect(lettersOf([0, 0, -1])).toBe("F");
    expect(lettersOf([-0.5, 0.86, 0.02])).toBe("PR");
    expect(oppositeLetters("PRF")).toBe("ALH");
  });
});

describe("millimetres", () => {
  test("between two places: by the spacing of rows and of columns, each in its direction", () => {
    const spacing = { rows: 0.5, columns: 2, source: "patient" } as const;
    expect(millimetres({ x: 0, y: 0 }, { x: 3, y: 0 }, spacing)).toBe(6);
    expect(millimetres({ x: 0, y: 0 }, { x: 0, y: 8 }, spacing)).toBe(4);
    expect(millimetres({ x: 1, y: 1 }, { x: 2.5, y: 9 }, spacing)).toBe(5);
  });

  test("in the patient as in the picture, and back, whatever the orientation", () => {
    const turn = fc.double({ min: -3, max: 3, noNaN: true });
    const pixel = fc.record({
      x: fc.double({ min: -50, max: 400, noNaN: true }),
      y: fc.double({ min: -50, max: 400, noNaN: true }),
    });
    fc.assert(
      fc.property(turn, turn, pixel, pixel, (a, b, from, to) => {
        const row: Vector = [Math.cos(a) * Math.cos(b), Math.sin(a) * Math.cos(b), Math.sin(b)];
        const across: Vector = [-Math.sin(a), Math.cos(a), 0];
        const plane = { ...planeAt([1, 0, 0, 0, 1, 0], [-73, 12, 5]), row, column: across, normal: cross(row, across) };
        const [p, q] = [toPatient(plane, from), toPatient(plane, to)];
        expect(distance(p, q)).toBeCloseTo(millimetres(from, to, plane.spacing), 6);
        const back = toPixel(plane, p);
        expect(back.x).toBeCloseTo(from.x, 6);
        expect(back.y).toBeCloseTo(from.y, 6);
        expect(back.distance).toBeCloseTo(0, 6);
      }),
    );
  });

  test("of a place beside the plane: how far, along the normal", () => {
    const plane = planeAt([1, 0, 0, 0, 1, 0], [-80, -80, 10]);
    expect(toPixel(plane, [-75, -70, 14.5])).toEqual({ x: 10, y: 20, distance: 4.5 });
    expect(toPatient(plane, { x: 0, y: 0 })).toEqual([-80, -80, 10]);
  });

  // PS3.3 section 10.7.1.1 and 10.7.1.3.
  test.each([
    ["a section", { PixelSpacing: "0.5\\0.6" }, { rows: 0.5, columns: 0.6, source: "patient" }],
    [
      "a projection that was calibrated",
      { PixelSpacing: "0.1\\0.1", ImagerPixelSpacing: "0.12\\0.12", PixelSpacingCalibrationType: "FIDUCIAL" },
      { rows: 0.1, columns: 0.1, source: "calibrated" },
    ],
    [
      "one that was calibrated to what the detector has",
      { PixelSpacing: "0.12\\0.12", ImagerPixelSpacing: "0.12\\0.12", PixelSpacingCalibrationType: "GEOMETRY" },
      { rows: 0.12, columns: 0.12, source: "calibrated" },
    ],
    [
      "one that differs from the detector",
      { PixelSpacing: "0.1\\0.1", ImagerPixelSpacing: "0.12\\0.12" },
      { rows: 0.1, columns: 0.1, source: "calibrated" },
    ],
    [
      "one that repeats the detector",
      { PixelSpacing: "0.12\\0.12", ImagerPixelSpacing: "0.12\\0.12" },
      { rows: 0.12, columns: 0.12, source: "detector" },
    ],
    ["the detector alone", { ImagerPixelSpacing: "0.12\\0.12" }, { rows: 0.12, columns: 0.12, source: "detector" }],
    [
      "the detector and the magnification",
      { ImagerPixelSpacing: "0.12\\0.12", EstimatedRadiographicMagnificationFactor: "1.5" },
      { rows: 0.08, columns: 0.08, source: "corrected" },
    ],
    [
      "a film that was scanned",
      { NominalScannedPixelSpacing: "0.2\\0.2" },
      { rows: 0.2, columns: 0.2, source: "film" },
    ],
    ["nothing", {}, undefined],
    ["nought", { PixelSpacing: "0.000\\0.000" }, undefined],
    ["words", { PixelSpacing: "half\\half" }, undefined],
  ])("of %s", (_, given, expected) => {
    const spacing = spacingOf(dataSet(given));
    if (!expected) expect(spacing).toBeUndefined();
    else {
      expect(spacing?.source).toBe(expected.source);
      expect(spacing?.rows).toBeCloseTo(expected.rows, 12);
      expect(spacing?.columns).toBeCloseTo(expected.columns, 12);
    }
  });
});

describe("a series", () => {
  const axial = [1, 0, 0, 0, 1, 0];
  const frame = (orientation: number[], position: Vector, name = position.join()) => ({
    name,
    plane: planeOf(slice(orientation, position)),
  });

  test("of three planes falls into three stacks, each in its order along the normal", () => {
    const offsets = [7.2, -14.4, 0, 14.4, -7.2];
    const frames = offsets.flatMap((at) => [
      frame([0, 1, 0, 0, 0, -1], [at, -200, 200]),
      frame([1, 0, 0, 0, 0, -1], [-200, at, 200]),
      frame(axial, [-200, -200, at]),
    ]);
    const stacks = stacksOf(frames);
    expect(stacks.map(({ orientation }) => orientation.name)).toEqual(["sagittal", "coronal", "axial"]);
    for (const stack of stacks) {
      expect(stack.frames).toHaveLength(5);
      expect(stack.step).toBeCloseTo(7.2, 6);
      expect(stack).toMatchObject({ gaps: [], shared: [] });
    }
    expect(stacks[2]?.frames.map(({ name }) => name)).toEqual([-14.4, -7.2, 0, 7.2, 14.4].map((z) => `-200,-200,${z}`));
  });

  test("tells where slices are missing, and which frames are at one place", () => {
    const frames = [0, 3, 6, 15, 18, 18].map((z, at) => frame(axial, [0, 0, z], String(at)));
    const [stack] = stacksOf(frames);
    expect(stack?.step).toBe(3);
    expect(stack?.gaps.map(({ after, millimetres }) => [after.name, millimetres])).toEqual([["2", 9]]);
    expect(stack?.shared.map((place) => place.map(({ name }) => name))).toEqual([["4", "5"]]);
  });

  test("does not mix matrices or directions, and leaves out what has no place", () => {
    const other = { name: "small", plane: planeOf(slice(axial, [0, 0, 3], { Rows: 64, Columns: 64 })) };
    const none = { name: "screenshot", plane: planeOf(dataSet({ Rows: 64 })) };
    const stacks = stacksOf([frame(axial, [0, 0, 0]), other, none, frame([-1, 0, 0, 0, -1, 0], [0, 0, 3])]);
    expect(stacks.map(({ frames }) => frames.length)).toEqual([1, 1, 1]);
    expect(stacks[0]?.step).toBeNull();
  });

  test("of one oblique plane is in order though its places move in all three directions", () => {
    const [c, s] = [Math.cos(radians(25)), Math.sin(radians(25))];
    const orientation = [1, 0, 0, 0, c, -s];
    const at = (step: number): Vector => [0, s * 3.7 * step, c * 3.7 * step];
    const [stack] = stacksOf([2, 0, 1].map((step) => frame(orientation, at(step), String(step))));
    expect(stack?.frames.map(({ name }) => name)).toEqual(["0", "1", "2"]);
    expect(stack?.step).toBeCloseTo(3.7, 3);
  });
});

test("an Enhanced image has a plane for each frame, from its own macros over the shared ones", () => {
  const enhanced = dataSet({
    Rows: 64,
    Columns: 64,
    NumberOfFrames: "2",
    SharedFunctionalGroupsSequence: [
      {
        PixelMeasuresSequence: [{ PixelSpacing: "0.9\\0.9", SliceThickness: "1.2" }],
        PlaneOrientationSequence: [{ ImageOrientationPatient: "0\\1\\0\\0\\0\\-1" }],
        MRTimingAndRelatedParametersSequence: [{ RepetitionTime: "3824" }],
      },
    ],
    PerFrameFunctionalGroupsSequence: [
      { PlanePositionSequence: [{ ImagePositionPatient: "10\\0\\0" }] },
      {
        PlanePositionSequence: [{ ImagePositionPatient: "11.2\\0\\0" }],
        PixelMeasuresSequence: [{ PixelSpacing: "0.8\\0.8" }],
      },
    ],
  });
  expect(frameCount(enhanced)).toBe(2);
  const planes = [0, 1].map((at) => planeOf(frameOf(enhanced, at)));
  expect(planes.map((plane) => plane?.position[0])).toEqual([10, 11.2]);
  expect(planes.map((plane) => plane?.spacing.rows)).toEqual([0.9, 0.8]);
  expect(planes.map((plane) => plane?.thickness)).toEqual([1.2, 1.2]);
  expect(planes[0] && orientationOf(planes[0]).name).toBe("sagittal");
});
