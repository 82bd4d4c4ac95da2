import { isUtf8 } from "node:buffer";
import { endianness } from "node:os";

/*
 * The store's own format, for checkpoints and for the models of runs:
 *
 *   bytes 0..7    "NWMODEL1"
 *   bytes 8..11   length of the header in bytes, unsigned, little-endian
 *   then          the header, JSON in UTF-8: { "header": the caller's object, "lengths": how many numbers each array has }
 *   then          zeros up to a multiple of 16
 *   then          the arrays one after the other, little-endian float32, and nothing behind them
 */

const magic = "NWMODEL1";
const prefixLength = magic.length + 4;
const alignment = 16;
const bytesPerNumber = 4;
const littleEndian = endianness() === "LE";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A file that is not whole, or not one of ours. The message says what is wrong with it. */
export class ModelFileError extends Error {
  override name = "ModelFileError";
}

const aligned = (length: number): number => Math.ceil(length / alignment) * alignment;

/** Numbers as little-endian bytes: a view of the same memory, except on a big-endian machine. */
function toBytes(numbers: Float32Array): Uint8Array {
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return littleEndian ? bytes : Buffer.from(bytes).swap32();
}

/**
 * Writes a header and arrays of numbers into one file.
 * @param header whatever JSON can hold; a number that is not finite is refused, because JSON would turn it into null
 * @param arrays kept to the bit, empty ones included
 * @throws ModelFileError on a header that JSON cannot hold
 */
export function encodeModelFile(header: Json | object, arrays: readonly Float32Array[]): Buffer {
  const json = JSON.stringify({ header, lengths: arrays.map(({ length }) => length) }, (key, value) => {
    if (typeof value === "number" && !Number.isFinite(value))
      throw new ModelFileError(`The header's ${key} is ${value}, which JSON cannot hold.`);
    return value;
  });
  const text = Buffer.from(json, "utf8");
  const start = aligned(prefixLength + text.length);
  const file = Buffer.alloc(start + arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  file.write(magic, 0, "latin1");
  file.writeUInt32LE(text.length, magic.length);
  text.copy(file, prefixLength);
  let at = start;
  for (const array of arrays) {
    file.set(toBytes(array), at);
    at += array.byteLength;
  }
  return file;
}

function parseHeader(text: Uint8Array): { header: Json; lengths: number[] } {
  const damaged = (why: string) => new ModelFileError(`The header of the model file is damaged: ${why}.`);
  if (!isUtf8(text)) throw damaged("it is not UTF-8");
  let parsed: Json;
  try {
    parsed = JSON.parse(Buffer.from(text.buffer, text.byteOffset, text.length).toString("utf8"));
  } catch {
    throw damaged("it is not JSON");
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) throw damaged("it is not an object");
  const { header, lengths } = parsed;
  if (header === undefined || !Array.isArray(lengths)) throw damaged("it does not say which arrays follow");
  const whole = lengths.filter((length) => Number.isSafeInteger(length) && Number(length) >= 0).map(Number);
  if (whole.length !== lengths.length) throw damaged("an array's length is not a whole number");
  return { header, lengths: whole };
}

/**
 * Reads what `encodeModelFile` wrote.
 * @param bytes the whole file; the arrays are views of its memory where that is possible (`Buffer.alloc`, `readFile`), so it must not be
 * changed afterwards
 * @throws ModelFileError on a file of another kind, one cut short or one with something behind its last array
 */
export function decodeModelFile(bytes: Uint8Array): { header: Json; arrays: Float32Array[] } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = file.toString("latin1", 0, magic.length);
  if (found !== magic)
    throw new ModelFileError(
      magic.startsWith(found)
        ? `The model file is cut short: it has ${file.length} bytes.`
        : `This is not a model file of Nodewise: it does not begin with ${magic}.`,
    );
  if (file.length < prefixLength) throw new ModelFileError(`The model file is cut short: it has ${file.length} bytes.`);
  const headerLength = file.readUInt32LE(magic.length);
  const start = aligned(prefixLength + headerLength);
  if (file.length < start)
    throw new ModelFileError(
      `The model file is cut short: its header ends at byte ${start}, the file at ${file.length}.`,
    );
  const { header, lengths } = parseHeader(file.subarray(prefixLength, prefixLength + headerLength));
  const end = start + bytesPerNumber * lengths.reduce((sum, length) => sum + length, 0);
  if (file.length !== end)
    throw new ModelFileError(
      file.length < end
        ? `The model file is cut short: its header promises ${end} bytes, there are ${file.length}.`
        : `The model file has ${file.length - end} bytes more than its header promises.`,
    );
  let numbers = file.subarray(start);
  if (!littleEndian) numbers = Buffer.from(numbers).swap32();
  else if (numbers.byteOffset % bytesPerNumber !== 0) numbers = Buffer.from(new Uint8Array(numbers).buffer);
  let at = numbers.byteOffset;
  const arrays = lengths.map((length) => {
    const array = new Float32Array(numbers.buffer, at, length);
    at += array.byteLength;
    return array;
  });
  return { header, arrays };
}
