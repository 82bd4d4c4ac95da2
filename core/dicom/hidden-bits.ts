import { type DataSet, isValue } from "./data-set";
import { tagOf } from "./dictionary";
import { number } from "./values";

/** Old overlays lie in the bits of the pixels that hold no picture (PS3.5 section 8.1.2, retired): these bits are made zero. */
export function withoutHiddenBits(data: DataSet): DataSet {
  const overlaid = [...data.keys()].some((tag) => /^60..0102$/.test(tag) && (number(data, tag) ?? 0) > 0);
  const tag = tagOf("PixelData");
  const pixels = data.get(tag);
  const stored = number(data, tagOf("BitsStored")) ?? 16;
  if (!overlaid || !isValue(pixels) || number(data, tagOf("BitsAllocated")) !== 16 || stored >= 16) return data;
  const lowest = (number(data, tagOf("HighBit")) ?? stored - 1) + 1 - stored;
  const mask = ((2 ** stored - 1) << lowest) & 0xffff;
  const bytes = Uint8Array.from(pixels.bytes, (byte, at) => byte & (at % 2 === 0 ? mask & 0xff : mask >> 8));
  return new Map([...data, [tag, { vr: pixels.vr, bytes }]]);
}
