import type { DataSet } from "./data-set";
import { tagOf } from "./dictionary";
import { number, text } from "./values";

/** How the numbers of a picture lie in its bytes, PS3.3 section C.7.6.3. */
export interface SampleFormat {
  bitsAllocated: number;
  bitsStored: number;
  highBit: number;
  signed: boolean;
}

export type Samples = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

export function sampleFormatOf(frame: DataSet): SampleFormat {
  const bitsAllocated = number(frame, tagOf("BitsAllocated")) ?? 16;
  const bitsStored = number(frame, tagOf("BitsStored")) ?? bitsAllocated;
  return {
    bitsAllocated,
    bitsStored,
    highBit: number(frame, tagOf("HighBit")) ?? bitsStored - 1,
    signed: number(frame, tagOf("PixelRepresentation")) === 1,
  };
}

/** Lossy JPEG, JPEG-LS and JPEG 2000, whose values may leave the stored bits a little and are not to be cut. */
const lossy = /^1\.2\.840\.10008\.1\.2\.4\.(50|51|81|91|203)$/;

/**
 * The stored values of decoded bytes (little endian): the bits of each sample that hold data, sign included; what else lies in the word (an old overlay, a
 * sign) is cut off. Values of a lossy syntax are left as the decoder gave them. Bits that are packed come out as 0 and 1, the lowest first.
 */
export function storedValues(bytes: Uint8Array, format: SampleFormat, transferSyntax: string): Samples {
  const { bitsAllocated, bitsStored, highBit, signed } = format;
  if (bitsAllocated === 1) {
    const bits = new Uint8Array(bytes.length * 8);
    for (let at = 0; at < bits.length; at++) bits[at] = ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1;
    return bits;
  }
  const words = wordsOf(bytes, bitsAllocated, signed);
  const below = highBit + 1 - bitsStored;
  if (bitsStored === bitsAllocated || below < 0 || lossy.test(transferSyntax)) return words;
  // Up to the top of 32 bits and down again: the shift down brings the sign along, or zeros.
  const up = 32 - bitsStored - below;
  const down = 32 - bitsStored;
  for (let at = 0; at < words.length; at++) {
    const shifted = (words[at] ?? 0) << up;
    words[at] = signed ? shifted >> down : shifted >>> down;
  }
  return words;
}

function wordsOf(bytes: Uint8Array, bitsAllocated: number, signed: boolean): Samples {
  if (bitsAllocated <= 8) return signed ? Int8Array.from(bytes, (byte) => (byte << 24) >> 24) : Uint8Array.from(bytes);
  const size = bitsAllocated <= 16 ? 2 : 4;
  // Copied, so that it begins where words of this size may.
  const { buffer } = Uint8Array.from(bytes.subarray(0, bytes.length - (bytes.length % size)));
  if (size === 2) return signed ? new Int16Array(buffer) : new Uint16Array(buffer);
  return signed ? new Int32Array(buffer) : new Uint32Array(buffer);
}

/** Whether the lowest value is white: MONOCHROME1, PS3.3 section C.7.6.3.1.2. */
export const lowestIsWhite = (frame: DataSet): boolean =>
  text(frame, tagOf("PhotometricInterpretation")) === "MONOCHROME1";
