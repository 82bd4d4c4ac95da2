import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeModelFile, encodeModelFile, type Json, ModelFileError } from "@/worker/interchange/model-file";

const header = { run: "ä-7", epoch: 3, optimiser: { momentum: 0.95 }, notes: [null, true, "…"] };
const arrays = [Float32Array.of(1, -0, 1e-45, Number.NaN, -Infinity), new Float32Array(), Float32Array.of(0.1)];
const file = encodeModelFile(header, arrays);

const bits = (numbers: Float32Array) => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
const reasonOf = (bytes: Uint8Array): string => {
  try {
    decodeModelFile(bytes);
  } catch (error) {
    if (error instanceof ModelFileError) return error.message;
    throw error;
  }
  return "accepted";
};
/** A file with this header text and nothing behind it. */
const withHeader = (text: string | Buffer): Buffer => {
  const json = Buffer.from(text);
  const bytes = Buffer.alloc(Math.ceil((12 + json.length) / 16) * 16);
  bytes.write("NWMODEL1");
  bytes.writeUInt32LE(json.length, 8);
  json.copy(bytes, 12);
  return bytes;
};

describe("a model file", () => {
  test("gives back its header and every array to the bit, empty ones too", () => {
    const read = decodeModelFile(file);
    expect(read.header).toEqual(header);
    expect(read.arrays.map(bits)).toEqual(arrays.map(bits));
  });

  test("gives back any header and any arrays", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.float32Array()), (any, numbers) => {
        const json: Json = JSON.parse(JSON.stringify(any));
        const read = decodeModelFile(encodeModelFile(json, numbers));
        expect(read.header).toEqual(json);
        expect(read.arrays.map(bits)).toEqual(numbers.map(bits));
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  test("begins with its name and holds its numbers at a multiple of 16 as little-endian float32", () => {
    const start = Math.ceil((12 + file.readUInt32LE(8)) / 16) * 16;
    expect(file.toString("latin1", 0, 8)).toBe("NWMODEL1");
    expect(file.readFloatLE(start)).toBe(1);
    expect(file.readFloatLE(file.length - 4)).toBeCloseTo(0.1, 7);
    expect(file).toHaveLength(start + 4 * 6);
  });

  test("is read without a copy, and with one where the bytes lie askew in memory", () => {
    expect(decodeModelFile(file).arrays[0]?.buffer).toBe(file.buffer);
    const shifted = Buffer.concat([Buffer.of(0), file]).subarray(1);
    expect(decodeModelFile(shifted).arrays.map(bits)).toEqual(arrays.map(bits));
  });

  test("cut short at any byte is refused, and so is one with a byte too many", () => {
    for (let length = 0; length < file.length; length++)
      expect(reasonOf(file.subarray(0, length)), `${length} bytes`).toMatch(/cut short/);
    expect(reasonOf(Buffer.concat([file, Buffer.of(0)]))).toMatch(/1 bytes more than its header promises/);
  });

  test("of another kind is refused", () => {
    expect(reasonOf(Buffer.from("\x89HDF\r\n\x1a\n and more"))).toMatch(/not a model file of Nodewise/);
    expect(reasonOf(Buffer.from("NWMODEL2 and more"))).toMatch(/not a model file of Nodewise/);
  });

  test.each([
    ["not JSON", "{", /not JSON/],
    ["not UTF-8", Buffer.of(0x22, 0xff, 0x22), /not UTF-8/],
    ["a list", "[]", /not an object/],
    ["without lengths", '{"header":{}}', /which arrays follow/],
    ["with a negative length", '{"header":{},"lengths":[4,-4]}', /not a whole number/],
    ["with half a number", '{"header":{},"lengths":[0.5]}', /not a whole number/],
    ["with more numbers than there are", '{"header":{},"lengths":[1e15]}', /cut short/],
  ])("with a header that is %s is refused", (_, text, reason) => {
    expect(reasonOf(withHeader(text))).toMatch(reason);
  });

  test("is not written with a header that JSON would change", () => {
    expect(() => encodeModelFile({ loss: Number.NaN }, [])).toThrow(/header's loss is NaN/);
  });
});
