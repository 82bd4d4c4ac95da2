import sharp from "sharp";
import { fitToCanvas } from "@/core/imaging/canvas";
import { AppError } from "@/server/errors";
import { sha256 } from "@/server/storage";
import { signatureOf } from "./signature";

/** The side of the network's input, in pixels; larger images are scaled down to it with their shape kept. */
export const largestSide = 299;
const largestBytes = 20 * 1024 ** 2;
const largestPixels = 100_000_000;

export interface DecodedCrop {
  png: Buffer;
  /** SHA-256 of `png`. */
  sha256: string;
  /** SHA-256 of the stored pixels with their size: equal for copies saved by different programs. */
  pixelSha256: string;
  /** What it looks like (`signature.ts`); null where it shows too little. */
  signature: string | null;
  width: number;
  height: number;
  sourceWidth: number;
  sourceHeight: number;
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]) => magic.every((value, i) => bytes[i] === value);
const isJpeg = (bytes: Uint8Array) => startsWith(bytes, [0xff, 0xd8, 0xff]);
const isPng = (bytes: Uint8Array) => startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Turns an uploaded JPEG or PNG into what is stored: its decoded pixels (orientation applied, no transparency) as a PNG of our own making, so that
 * no metadata survives. Grey stays grey. Larger than 299 pixels: scaled down with its shape kept.
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
  try {
    const open = () => sharp(bytes, { failOn: "warning", limitInputPixels: largestPixels });
    const { channels: inputChannels = 3, orientation = 1, ...meta } = await open().metadata();
    const [sourceWidth, sourceHeight] = orientation >= 5 ? [meta.height, meta.width] : [meta.width, meta.height];
    const place = fitToCanvas({ width: sourceWidth, height: sourceHeight, size: largestSide });
    const grey = inputChannels <= 2 && meta.space !== "cmyk";
    let image = open()
      .autoOrient()
      .flatten({ background: "#000" })
      .toColourspace(grey ? "b-w" : "srgb");
    if (place.scale < 1) image = image.resize(place.width, place.height, { fit: "fill", kernel: "lanczos3" });
    const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const png = await sharp(data, { raw: { width, height, channels } })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .png({ compressionLevel: 9, palette: false })
      .toBuffer();
    const pixelSha256 = sha256(Buffer.concat([Buffer.from(`${width}x${height}x${channels}|`), data]));
    const signature = signatureOf({ pixels: data, width, height, channels });
    return { png, sha256: sha256(png), pixelSha256, signature, width, height, sourceWidth, sourceHeight };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : "";
    if (/pixel limit/i.test(reason))
      throw new AppError("invalid", { key: "errors.image_too_many_pixels", values: { name } });
    throw new AppError("invalid", { key: "errors.image_damaged", values: { name, bytes: bytes.length } });
  }
}
