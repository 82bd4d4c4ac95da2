import { describe, expect, test } from "vitest";
import { fullWindow, grey, modalityOf, modalityValues, voisOf, type Window } from "@/core/dicom/grey";
import { lowestIsWhite, sampleFormatOf, storedValues } from "@/core/dicom/samples";
import { dataSet } from "./data";

const native = "1.2.840.10008.1.2.1";
const words = (...values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);
const monochrome = { PhotometricInterpretation: "MONOCHROME2" };

describe("stored values", () => {
  const format = { bitsAllocated: 16, bitsStored: 12, highBit: 11, signed: false };

  test("are the stored bits alone: an old overlay above them is cut off", () => {
    expect([...storedValues(words(0x1fff, 0xf001, 0x0abc), format, native)]).toEqual([0x0fff, 0x0001, 0x0abc]);
  });

  test("carry their sign from the highest stored bit", () => {
    expect([...storedValues(words(0x0fff, 0x0800, 0x07ff, 0xffff), { ...format, signed: true }, native)]).toEqual([
      -1, -2048, 2047, -1,
    ]);
  });

  test("are taken from where they lie in the word", () => {
    expect([...storedValues(words(0x1230, 0xfff0), { ...format, highBit: 15 }, native)]).toEqual([0x123, 0xfff]);
  });

  test("of a lossy syntax are left as the decoder gave them: a mask would turn white to black", () => {
    expect([...storedValues(words(0x1001), format, "1.2.840.10008.1.2.4.51")]).toEqual([0x1001]);
    expect([...storedValues(words(0x1001), format, "1.2.840.10008.1.2.4.90")]).toEqual([1]);
  });

  test.each([7, 8, 10, 12, 14, 15, 16])("of %i bits, signed and not, come out as they went in", (bits) => {
    const wide = bits > 8 ? 16 : 8;
    const [low, high] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
    const put = (values: number[]) =>
      wide === 16
        ? words(...values.map((value) => value & (2 ** bits - 1)))
        : Uint8Array.from(values, (value) => value & (2 ** bits - 1));
    const of = { bitsAllocated: wide, bitsStored: bits, highBit: bits - 1 };
    expect([...storedValues(put([low, -1, 0, 1, high]), { ...of, signed: true }, native)]).toEqual([
      low,
      -1,
      0,
      1,
      high,
    ]);
    expect([...storedValues(put([0, 1, 2 ** bits - 1]), { ...of, signed: false }, native)]).toEqual([
      0,
      1,
      2 ** bits - 1,
    ]);
  });

  test("of 32 bits and of one bit", () => {
    const long = { bitsAllocated: 32, bitsStored: 32, highBit: 31, signed: false };
    expect([...storedValues(new Uint8Array(Uint32Array.of(4_000_000_000).buffer), long, native)]).toEqual([
      4_000_000_000,
    ]);
    const bit = { bitsAllocated: 1, bitsStored: 1, highBit: 0, signed: false };
    expect([...storedValues(Uint8Array.of(0b00000101), bit, native)]).toEqual([1, 0, 1, 0, 0, 0, 0, 0]);
  });

  test("are described by the data set", () => {
    const frame = dataSet({
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 1,
      PhotometricInterpretation: "MONOCHROME1",
    });
    expect(sampleFormatOf(frame)).toEqual({ ...format, signed: true });
    expect(lowestIsWhite(frame)).toBe(true);
  });
});

// Values of pydicom 3.0.2 and numpy 2.4: apply_windowing, apply_modality_lut, apply_voi; rounded half up.
describe("as pydicom computes it", () => {
  const bytes = Uint8Array.of(0, 1, 7, 100, 101, 127, 128, 129, 200, 254, 255);
  const shorts = Uint16Array.of(0, 1, 1000, 2047, 2048, 2049, 4095, 30_000, 65_535);
  const frame = dataSet(monochrome);

  test.each<[Window["function"], number, number, number[]]>([
    ["LINEAR", 128, 200, [0, 0, 0, 92, 94, 127, 128, 129, 220, 255, 255]],
    ["LINEAR", 100, 1, [0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]],
    ["LINEAR", 40.5, 33, [0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]],
    ["LINEAR_EXACT", 128, 200, [0, 0, 0, 92, 93, 126, 128, 129, 219, 255, 255]],
    ["SIGMOID", 128, 100, [2, 2, 2, 63, 65, 125, 128, 130, 241, 253, 253]],
  ])("a window %s of %d, %d in 8 bits", (fn, center, width, expected) => {
    expect([...grey(bytes, { frame, voi: { center, width, function: fn }, bits: 8 })]).toEqual(expected);
  });

  test.each<[Window["function"], number, number, number[]]>([
    ["LINEAR", 2048, 4096, [0, 16, 16_004, 32_759, 32_776, 32_792, 65_535, 65_535, 65_535]],
    ["LINEAR_EXACT", 2048, 4096, [0, 16, 16_000, 32_752, 32_768, 32_783, 65_519, 65_535, 65_535]],
    ["SIGMOID", 2048, 1000, [18, 18, 976, 32_702, 32_768, 32_833, 65_517, 65_535, 65_535]],
  ])("a window %s of %d, %d in 16 bits", (fn, center, width, expected) => {
    expect([...grey(shorts, { frame, voi: { center, width, function: fn }, bits: 16 })]).toEqual(expected);
  });

  test("slope and intercept", () => {
    const rescaled = modalityOf(dataSet({ RescaleSlope: "1.5", RescaleIntercept: "-1024" }));
    expect([...modalityValues(Int16Array.of(-5, 0, 3, 1000), rescaled)]).toEqual([-1031.5, -1024, -1019.5, 476]);
  });

  test("a modality table", () => {
    const table = dataSet({
      PixelRepresentation: 0,
      ModalityLUTSequence: [{ "00283002 US": [4, 2, 16], "00283006 US": [10, 300, 5000, 65_535] }],
    });
    expect([...modalityValues(Uint16Array.of(0, 2, 3, 4, 5, 9), modalityOf(table))]).toEqual([
      10, 10, 300, 5000, 65_535, 65_535,
    ]);
  });

  test("a table of the values of interest that begins below zero", () => {
    const table = dataSet({
      ...monochrome,
      PixelRepresentation: 1,
      VOILUTSequence: [{ "00283002 SS": [4, -2, 12], "00283006 US": [0, 100, 2000, 4095] }],
    });
    const shown = [...grey(Int16Array.of(-9, -2, -1, 0, 1, 5), { frame: table, bits: 16 })];
    expect(shown).toEqual([0, 0, 100, 2000, 4095, 4095].map((value) => Math.round((value / 4095) * 65_535)));
  });
});

test("MONOCHROME1 is turned round at the end", () => {
  const given = { WindowCenter: "128", WindowWidth: "256" };
  const samples = Uint8Array.of(0, 64, 255);
  const usual = grey(samples, { frame: dataSet({ ...monochrome, ...given }), bits: 8 });
  const turned = grey(samples, { frame: dataSet({ PhotometricInterpretation: "MONOCHROME1", ...given }), bits: 8 });
  expect([...usual]).toEqual([0, 64, 255]);
  expect([...turned]).toEqual([255, 191, 0]);
});

test("the windows of a file come in their order, then its tables; one that is none is left out", () => {
  const frame = dataSet({
    WindowCenter: "40\\300\\5",
    WindowWidth: "400\\0\\1",
    VOILUTSequence: [{ "00283002 US": [2, 0, 8], "00283006 OW": [0xff00] }],
  });
  expect(voisOf(frame)).toEqual([
    { center: 40, width: 400, function: "LINEAR" },
    { center: 5, width: 1, function: "LINEAR" },
    { first: 0, values: [0, 255], bits: 8 },
  ]);
});

test("without a window the frame is shown from its lowest value to its highest", () => {
  expect([...grey(Uint16Array.of(100, 150, 200), { frame: dataSet(monochrome), bits: 8 })]).toEqual([0, 128, 255]);
  expect(fullWindow(Float64Array.of(7, 7)).center).toBe(7);
});
