import { joined } from "./bytes";
import { withoutRemarks } from "./codestream";
import { type DataSet, type Element, isEncapsulated, isValue } from "./data-set";
import { tagOf } from "./dictionary";
import { frameCount } from "./frame";
import { fragmentsByFrame, frameSizeOf } from "./frame-bytes";
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

/**
 * Pixel Data that hold pixels and nothing beside them: remarks within compressed ones are made zeros (`codestream.ts`), what lies behind the last frame of others
 * is cut off.
 * @throws DicomRefusal where frames cannot be told apart
 */
export function pixelsAlone(data: DataSet): DataSet {
  const tag = tagOf("PixelData");
  const pixels = data.get(tag);
  const frames = frameCount(data);
  let alone: Element | undefined;
  if (isEncapsulated(pixels)) {
    const fragments = fragmentsByFrame(pixels, frames).flatMap((each) => splitLike(withoutRemarks(joined(each)), each));
    alone = { ...pixels, fragments };
  } else if (isValue(pixels)) {
    const { width, height, channels } = frameSizeOf(data);
    const bits = width * height * channels * frames * (number(data, tagOf("BitsAllocated")) ?? 16);
    if (bits > 0) alone = { ...pixels, bytes: pixels.bytes.subarray(0, Math.ceil(bits / 8)) };
  }
  return alone ? new Map([...data, [tag, alone]]) : data;
}

/** A whole in pieces as long as these. */
function splitLike(whole: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array[] {
  let at = 0;
  return pieces.map(({ length }) => {
    at += length;
    return whole.subarray(at - length, at);
  });
}
