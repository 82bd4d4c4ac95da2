import { joined } from "./bytes";
import { type PictureSize, sizeOf } from "./codestream";
import { type DataSet, type DicomFile, type Encapsulated, isEncapsulated, isValue } from "./data-set";
import { tagOf } from "./dictionary";
import { frameCount } from "./frame";
import { DicomRefusal } from "./refusal";
import { sampleFormatOf } from "./samples";
import { number, text } from "./values";

/** Pixels of a frame: 16,384 x 16,384. What claims more is meant to fill a memory. */
const mostPixels = 2 ** 28;

/** Width and height of a frame in pixels, and samples of a pixel. */
export const frameSizeOf = (data: DataSet): PictureSize => ({
  width: number(data, tagOf("Columns")) ?? 0,
  height: number(data, tagOf("Rows")) ?? 0,
  channels: number(data, tagOf("SamplesPerPixel")) ?? 1,
});

/** Bits of a frame that is not compressed. */
export function frameBits(data: DataSet): number {
  const { width, height, channels } = frameSizeOf(data);
  // Two pixels share their colour, PS3.3 section C.7.6.3.1.2.
  const samples = text(data, tagOf("PhotometricInterpretation")) === "YBR_FULL_422" ? 2 : channels;
  return width * height * samples * sampleFormatOf(data).bitsAllocated;
}

/**
 * The bytes of a frame as they lie in the file, compressed or not; what a decoder is given.
 * @param frame counted from 0
 * @throws DicomRefusal as `refuseUnreadablePixels`
 */
export function frameBytes({ data }: Pick<DicomFile, "data">, frame: number): Uint8Array {
  const pixels = data.get(tagOf("PixelData"));
  if (isEncapsulated(pixels)) return joined(fragmentsByFrame(pixels, frameCount(data))[frame] ?? []);
  const bits = frameBits(data);
  const bytes = isValue(pixels) ? pixels.bytes : new Uint8Array();
  if ((frame + 1) * bits > bytes.length * 8) throw pixelsMissing(data, bytes.length);
  const first = (frame * bits) >> 3;
  const shift = (frame * bits) & 7;
  const length = Math.ceil(bits / 8);
  if (shift === 0) return bytes.subarray(first, first + length);
  // Frames of single bits follow each other without a gap.
  return Uint8Array.from(
    { length },
    (_, at) => (((bytes[first + at] ?? 0) | ((bytes[first + at + 1] ?? 0) << 8)) >> shift) & 0xff,
  );
}

/**
 * The fragments of each frame, PS3.5 annex A.4: by the table of offsets, or one each, or by what a compressed picture begins with.
 * @throws DicomRefusal "frames_unclear"
 */
export function fragmentsByFrame({ offsets, fragments }: Encapsulated, frames: number): Uint8Array[][] {
  if (frames === 1) return [[...fragments]];
  const starts: number[] = [];
  for (let at = 0, index = 0; index < fragments.length; at += 8 + (fragments[index++]?.length ?? 0)) starts.push(at);
  const known = new Set(starts);
  const begins = [
    offsets.length === frames && offsets.every((offset) => known.has(offset)) ? new Set(offsets) : undefined,
    fragments.length === frames ? known : undefined,
    new Set(starts.filter((_, at) => sizeOf(fragments[at] ?? new Uint8Array()) !== undefined)),
  ].find((each) => each?.size === frames && each.has(0));
  if (!begins) throw new DicomRefusal("frames_unclear", { frames, fragments: fragments.length });
  const out: Uint8Array[][] = [];
  for (const [at, fragment] of fragments.entries())
    if (begins.has(starts[at] ?? -1)) out.push([fragment]);
    else out.at(-1)?.push(fragment);
  return out;
}

/**
 * Refuses an image whose pixels are not what its header says: too few of them, frames that cannot be told apart, a compressed picture of another size, or more
 * pixels than a screen ever shows. Nothing is decoded.
 * @throws DicomRefusal
 */
export function refuseUnreadablePixels(data: DataSet): void {
  const said = frameSizeOf(data);
  if (said.width * said.height > mostPixels)
    throw new DicomRefusal("too_large", { width: said.width, height: said.height });
  const frames = frameCount(data);
  const pixels = data.get(tagOf("PixelData"));
  if (!isEncapsulated(pixels)) {
    const bytes = isValue(pixels) ? pixels.bytes.length : 0;
    if (frames * frameBits(data) > bytes * 8) throw pixelsMissing(data, bytes);
    return;
  }
  for (const fragments of fragmentsByFrame(pixels, frames)) {
    const picture = fragments.length === 1 ? fragments[0] : joined(fragments);
    if (!picture?.length) throw pixelsMissing(data, 0);
    const own = sizeOf(picture);
    if (own && (own.width !== said.width || own.height !== said.height || own.channels !== said.channels))
      throw new DicomRefusal("pixels_differ", {
        said: `${said.width} x ${said.height} x ${said.channels}`,
        found: `${own.width} x ${own.height} x ${own.channels}`,
      });
  }
}

const pixelsMissing = (data: DataSet, found: number) =>
  new DicomRefusal("pixels_missing", { needed: Math.ceil((frameCount(data) * frameBits(data)) / 8), found });
