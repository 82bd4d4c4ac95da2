import dicomParser from "dicom-parser";
import { expect, test } from "vitest";
import { planeOf, toPatient, toPixel } from "@/core/dicom/plane";
import { readDicom } from "@/core/dicom/read";
import { scanPhantom } from "@/core/phantom/exam";

const options = {
  seed: 7,
  nodes: [{ shortAxisMm: 8, positive: true, seed: 3 }],
  hospitalNumber: "DEMO-001",
  performedOn: "20260106",
};
const files = scanPhantom(options);

test("the same phantom gives the same files, another seed other pixels", () => {
  const isSame = (others: readonly Uint8Array[]) =>
    files.map((file, at) => Buffer.compare(file, others[at] ?? file) === 0);
  expect(new Set(isSame(scanPhantom(options)))).toEqual(new Set([true]));
  expect(new Set(isSame(scanPhantom({ ...options, seed: 8 })))).toEqual(new Set([false]));
});

test("every file is read by another library: 12 slices of each of three series, under names of their own", () => {
  const read = files.map((file) => dicomParser.parseDicom(file));
  expect(read.map((data) => data.string("x00200011"))).toEqual(
    ["1", "2", "3"].flatMap((series) => Array.from({ length: 12 }, () => series)),
  );
  expect(new Set(read.map((data) => data.string("x00080018"))).size).toBe(36);
  for (const data of read) {
    const [rows, columns] = [data.uint16("x00280010") ?? 0, data.uint16("x00280011") ?? 0];
    expect(data.elements.x7fe00010?.length).toBe(2 * rows * columns);
    expect(data.string("x0008103e")).toMatch(/phantom$/);
  }
});

test("planes that cut each other show the same body where they do", () => {
  const shown = (file: Uint8Array) => {
    const { data } = readDicom(file);
    const plane = planeOf(data);
    const bytes = Buffer.from(file);
    const at = dicomParser.parseDicom(bytes).elements.x7fe00010?.dataOffset ?? 0;
    if (!plane) throw new Error("A slice lies nowhere.");
    return {
      plane,
      valueAt: (x: number, y: number) => bytes.readUInt16LE(at + 2 * (y * plane.width + x)),
    };
  };
  const [sagittal, axial] = [files[5], files[17]].map((file) => shown(file ?? new Uint8Array()));
  if (!sagittal || !axial) throw new Error("There are too few slices.");
  // The line in which both lie, pixel by pixel of the sagittal one.
  const y = Array.from({ length: sagittal.plane.height }, (_, row) => row).reduce((best, row) => {
    const away = (each: number) =>
      Math.abs(toPixel(axial.plane, toPatient(sagittal.plane, { x: 0, y: each })).distance);
    return away(row) < away(best) ? row : best;
  });
  const differences = Array.from({ length: sagittal.plane.width }, (_, x) => {
    const there = toPixel(axial.plane, toPatient(sagittal.plane, { x, y }));
    const [column, row] = [Math.round(there.x), Math.round(there.y)];
    const isInside = column >= 0 && row >= 0 && column < axial.plane.width && row < axial.plane.height;
    return isInside ? [Math.abs(sagittal.valueAt(x, y) - axial.valueAt(column, row))] : [];
  }).flat();
  expect(differences.length).toBeGreaterThan(100);
  // Noise of both, and an edge where a pixel is half beside it.
  expect(differences.filter((difference) => difference > 120).length / differences.length).toBeLessThan(0.1);
});
