import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { packed } from "@/core/text/archive";
import { formulaImage, formulaUnit, formulaWeights } from "@/scripts/parity/formula";
import { checkOnnx } from "@/worker/export/check-onnx";
import { writeOnnx } from "@/worker/interchange/onnx";

/** Reads an archive as its readers do: from the end, through the directory, to the files. */
function unzip(archive: Buffer): Map<string, Buffer> {
  const end = archive.length - 22;
  expect(archive.readUInt32LE(end)).toBe(0x06054b50);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  expect(at + archive.readUInt32LE(end + 12)).toBe(end);
  const files = new Map<string, Buffer>();
  for (let i = 0; i < count; i++) {
    expect(archive.readUInt32LE(at)).toBe(0x02014b50);
    expect(archive.readUInt16LE(at + 10), "stored as it is").toBe(0);
    const [crc, size, nameLength] = [16, 24, 28].map((field) => archive.readUInt32LE(at + field)) as [
      number,
      number,
      number,
    ];
    const length = nameLength & 0xffff;
    const name = archive.toString("utf8", at + 46, at + 46 + length);
    const local = archive.readUInt32LE(at + 42);
    expect(archive.readUInt32LE(local)).toBe(0x04034b50);
    expect(archive.toString("utf8", local + 30, local + 30 + archive.readUInt16LE(local + 26))).toBe(name);
    const bytes = archive.subarray(local + 30 + length, local + 30 + length + size);
    expect(crc32(bytes)).toBe(crc);
    files.set(name, bytes);
    at += 46 + length;
  }
  expect(at).toBe(end);
  return files;
}

test("an archive gives back its files, and has the same bytes whenever it is made", () => {
  const files = new Map<string, Uint8Array>([
    ["empty", new Uint8Array()],
    ["größe.bin", Uint8Array.from({ length: 70_000 }, (_, i) => i % 251)],
    ["model.json", Buffer.from('{"a":1}')],
  ]);
  const stored = (of: typeof files) => Buffer.from(packed(of, { stored: true }));
  const archive = stored(files);
  expect(archive.equals(stored(new Map([...files].reverse())))).toBe(true);
  const read = unzip(archive);
  expect([...read.keys()]).toEqual([...files.keys()]);
  for (const [name, bytes] of files) expect(read.get(name)?.equals(bytes)).toBe(true);
  expect(unzip(stored(new Map())).size).toBe(0);
});

test("an ONNX file that gives another logit is refused, where ONNX Runtime is installed", async ({ skip }) => {
  const parameters = { size: 299, seed: 1, set: 0, count: 1, centre: 1, frozen: 0 };
  const input = { mean: [0, 0, 0] as const, divisor: 1, size: 299 };
  const file = writeOnnx({ layers: formulaWeights(parameters), unit: formulaUnit(parameters), input });
  const checked = await checkOnnx(file, []);
  if (checked.difference === null) skip(checked.checked);
  const canvas = { values: formulaImage(parameters, 0), logit: 1_000 };
  await expect(checkOnnx(file, [canvas])).rejects.toThrow(
    /^The ONNX file gives the logit -?\d+\.\d+ where the model gives 1000\./,
  );
});
