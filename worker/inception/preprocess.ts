import sharp from "sharp";
import { fitToCanvas } from "@/core/imaging/canvas";
import { type Picture, padToCanvas } from "./augmentation";

export const inputSize = 299;

/** Changes when the arithmetic below does: cached features belong to one version of it. */
export const preprocessingVersion = "pad-zero-div255-v1";

/** The longer side of every crop, in pixels, for a network that shall not see how large a crop was. Leaves room to turn it. */
export const sizeBlindSide = 200;

/** A part of the canvas, in pixels; x to the right, y down. */
export interface CanvasWindow {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A crop as it lies on the canvas of zeros. */
export interface DecodedCrop {
  window: CanvasWindow;
  /** window.height * window.width * 3 numbers in 0..255, row by row, red green blue. */
  pixels: Uint8Array;
}

/**
 * Decodes a stored crop, grey or RGB, and says where it lies on the canvas: centred, never stretched, scaled down with its shape kept
 * (Lanczos, three lobes) when larger than the canvas. The only place where a crop is scaled for the network.
 * @param sizeBlind scale every crop, up or down with its shape kept, so that its longer side has `sizeBlindSide` pixels
 * @throws Error when the bytes are no picture
 */
export async function decodeCrop(png: Uint8Array, { sizeBlind }: { sizeBlind: boolean }): Promise<DecodedCrop> {
  const { width, height } = await sharp(png).metadata();
  const scale = sizeBlind ? sizeBlindSide / Math.max(width, height) : 1;
  const place = fitToCanvas({
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
    size: inputSize,
  });
  const pixels = await sharp(png)
    .toColourspace("srgb")
    .removeAlpha()
    .resize(place.width, place.height, { fit: "fill", kernel: "lanczos3" })
    .raw()
    .toBuffer();
  if (pixels.length !== place.width * place.height * 3)
    throw new Error(`It decoded to ${pixels.length} numbers instead of ${place.width} x ${place.height} x 3.`);
  return { window: { x: place.left, y: place.top, width: place.width, height: place.height }, pixels };
}

/**
 * A stored crop on the canvas of zeros, not augmented and not centred: for scoring.
 * @returns 299 x 299 x 3 in 0..255, and where the crop lies on it; all else is 0
 * @throws Error when the bytes are no picture
 */
export async function decodeCanvas(
  png: Uint8Array,
  options: { sizeBlind: boolean },
): Promise<{ picture: Picture; window: CanvasWindow }> {
  const { window, pixels } = await decodeCrop(png, options);
  const crop = { width: window.width, height: window.height, channels: 3, values: Float32Array.from(pixels) };
  return { picture: padToCanvas(crop, inputSize), window };
}

/**
 * A stored crop as network input: padded with zeros to 299 x 299, never stretched (scaled down with its shape kept when larger), RGB, divided by 255.
 * No training-set mean is subtracted in the frozen regimen: the mean belongs to a fold, so the features of a crop would differ from
 * fold to fold, and its padding would carry the training set's brightness. The unit learns an offset of its own instead.
 * @returns 299 * 299 * 3 numbers in [0, 1], row by row
 */
export async function networkInput(png: Uint8Array): Promise<Float32Array> {
  const { picture } = await decodeCanvas(png, { sizeBlind: false });
  return picture.values.map((value) => value / 255);
}
