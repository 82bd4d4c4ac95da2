import sharp from "sharp";
import { AppError } from "@/server/errors";
import { inFewestChannels, pixelsSha256, windowed } from "@/server/pixels";
import { essentialChunks } from "./essential-chunks";
import { type CropImage, keptImage } from "./kept-image";
import { refuseManyScans } from "./refuse-many-scans";

const largestBytes = 20 * 1024 ** 2;
/** Of each side, in pixels: more than any crop of a node has. */
const largestSide = 4096;
/** In pixels, of all of it: 2048 x 2048. In three colours of 16 bits, no step of decoding keeps the process from answering others for more than a moment. */
const mostPixels = 2048 ** 2;
/** Of each side, in pixels: below it a picture shows no node. Twice the 3 mm of the smallest target at 0.75 mm a pixel. */
const smallestSide = 8;

export interface DecodedCrop {
  image: CropImage;
  /** How many levels it has, of all channels together: few are left where 12 bits were cut to their upper 8, or a picture is nearly blank. */
  levels: number;
  /** Of a grey picture that came as colour: its `pixelSha256` as it was before such pictures were taken for grey. */
  pixelSha256AsColour: string | null;
  /** What goes into the store: the shown PNG, the original where it is another, and the canvas. */
  files: { sha256: string; bytes: Buffer }[];
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]) => magic.every((value, i) => bytes[i] === value);
const isJpeg = (bytes: Uint8Array) => startsWith(bytes, [0xff, 0xd8, 0xff]);
const isPng = (bytes: Uint8Array) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

// Millions of levels, while nobody else is answered: loops by index take a tenth of the time of those over values.

/** The least and the greatest level. */
function rangeOf(levels: Uint16Array): { low: number; high: number } {
  let [low, high] = [0xffff, 0];
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i] ?? 0;
    if (level < low) low = level;
    if (level > high) high = level;
  }
  return { low, high };
}

/** @throws AppError "invalid" for a picture with one level only */
function countLevels(name: string, levels: Uint8Array | Uint16Array): number {
  const seen = new Uint8Array(256 ** levels.BYTES_PER_ELEMENT);
  for (let i = 0; i < levels.length; i++) seen[levels[i] ?? 0] = 1;
  const count = seen.reduce((sum, each) => sum + each, 0);
  if (count === 1)
    throw new AppError("invalid", { key: "errors.image_one_level", values: { name, level: levels[0] ?? 0 } });
  return count;
}

/**
 * Turns an uploaded JPEG or PNG into what is stored: its decoded pixels (orientation applied, no transparency) as a PNG of our own making, so that
 * no metadata survives; at the size it came in, grey as grey, also where it came as red, green and blue that are equal. 16 bits are kept, and shown over the range of their own pixels: few programs
 * fill 16 bits, and 12-bit values cut to their upper 8 bits would be nearly black.
 * @throws AppError "invalid" that names the file, what is wrong with it, and what to do
 */
export async function decodeCrop({ name, bytes }: { name: string; bytes: Uint8Array }): Promise<DecodedCrop> {
  if (bytes.length === 0) throw new AppError("invalid", { key: "errors.image_empty", values: { name } });
  if (bytes.length > largestBytes)
    throw new AppError("invalid", {
      key: "errors.image_too_large",
      values: { name, megabytes: (bytes.length / 1024 ** 2).toFixed(0) },
    });
  if (!isJpeg(bytes) && !isPng(bytes))
    throw new AppError("invalid", { key: "errors.image_of_no_kind", values: { name } });
  if (isJpeg(bytes)) refuseManyScans({ name, jpeg: bytes });
  try {
    const image = isPng(bytes) ? essentialChunks({ name, png: bytes }) : bytes;
    const open = () => sharp(image, { failOn: "warning", limitInputPixels: false });
    const meta = await open().metadata();
    if (Math.max(meta.width, meta.height) > largestSide)
      throw new AppError("invalid", {
        key: "errors.image_too_many_pixels",
        values: { name, width: meta.width, height: meta.height, limit: largestSide },
      });
    if (meta.width * meta.height > mostPixels)
      throw new AppError("invalid", {
        key: "errors.image_of_too_many_pixels",
        values: { name, width: meta.width, height: meta.height, pixels: meta.width * meta.height, limit: mostPixels },
      });
    if (Math.min(meta.width, meta.height) < smallestSide)
      throw new AppError("invalid", {
        key: "errors.image_too_small",
        values: { name, width: meta.width, height: meta.height, limit: smallestSide },
      });
    const grey = meta.channels <= 2 && meta.space !== "cmyk";
    const flat = open().autoOrient().flatten({ background: "#000" });
    if (meta.depth !== "ushort") {
      const { data, info } = await flat
        .toColourspace(grey ? "b-w" : "srgb")
        .raw({ depth: "uchar" })
        .toBuffer({ resolveWithObject: true });
      const { levels, channels } = inFewestChannels(data, info.channels);
      const count = countLevels(name, levels);
      return {
        levels: count,
        pixelSha256AsColour: channels < info.channels ? pixelsSha256(data, info) : null,
        ...(await keptImage({ levels }, { ...info, channels })),
      };
    }
    const { data, info } = await flat
      .toColourspace(grey ? "grey16" : "rgb16")
      .raw({ depth: "ushort" })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const all = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
    const { levels, channels } = inFewestChannels(all, info.channels);
    const count = countLevels(name, levels);
    const { low, high } = rangeOf(levels);
    const window = { low, high, rule: "pixel-range" } as const;
    return {
      levels: count,
      pixelSha256AsColour: channels < info.channels ? pixelsSha256(windowed(all, window), info) : null,
      ...(await keptImage({ levels, window }, { width, height, channels })),
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("invalid", { key: "errors.image_damaged", values: { name, bytes: bytes.length } });
  }
}
