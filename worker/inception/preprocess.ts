import sharp from "sharp";
import { fitToCanvas } from "@/core/imaging/canvas";
import { sizeBlindSide } from "@/core/network/input";
import { type Picture, padToCanvas } from "./augmentation";

/** Changes when the arithmetic below does: cached features belong to one version of it. */
export const preprocessingVersion = "pad-zero-div255-v1";

/** How crops are laid on the square that a network sees. */
export interface Canvas {
  /** Its side in pixels. */
  size: number;
  /** Every crop is scaled, up or down with its shape kept, so that its longer side has `sizeBlindSide(size)` pixels. */
  sizeBlind: boolean;
}

/** A part of the canvas, in pixels; x to the right, y down. */
export interface CanvasWindow {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A crop as it lies on the canvas of zeros. */
export interface DecodedCrop {
  /** Side of the canvas in pixels. */
  size: number;
  window: CanvasWindow;
  /** window.height * window.width * 3 numbers in 0..255, row by row, red green blue. */
  pixels: Uint8Array;
}

/**
 * Decodes a stored crop, grey or RGB, and says where it lies on the canvas: centred, never stretched, scaled down with its shape kept
 * (Lanczos, three lobes) when larger than the canvas. The only place where a crop is scaled for the network.
 * @throws Error when the bytes are no picture
 */
export async function decodeCrop(png: Uint8Array, { size, sizeBlind }: Canvas): Promise<DecodedCrop> {
  const { width, height } = await sharp(png).metadata();
  const scale = sizeBlind ? sizeBlindSide(size) / Math.max(width, height) : 1;
  const place = fitToCanvas({
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
    size,
  });
  const pixels = await sharp(png)
    .toColourspace("srgb")
    .removeAlpha()
    .resize(place.width, place.height, { fit: "fill", kernel: "lanczos3" })
    .raw()
    .toBuffer();
  if (pixels.length !== place.width * place.height * 3)
    throw new Error(`It decoded to ${pixels.length} numbers instead of ${place.width} x ${place.height} x 3.`);
  return { size, window: { x: place.left, y: place.top, width: place.width, height: place.height }, pixels };
}

/**
 * A stored crop on the canvas of zeros, not augmented and not centred: for scoring.
 * @returns size x size x 3 in 0..255, and where the crop lies on it; all else is 0
 * @throws Error when the bytes are no picture
 */
export async function decodeCanvas(
  png: Uint8Array,
  canvas: Canvas,
): Promise<{ picture: Picture; window: CanvasWindow }> {
  const { window, pixels } = await decodeCrop(png, canvas);
  const crop = { width: window.width, height: window.height, channels: 3, values: Float32Array.from(pixels) };
  return { picture: padToCanvas(crop, canvas.size), window };
}

/**
 * A stored crop as network input: padded with zeros to size x size, never stretched (scaled down with its shape kept when larger), RGB, divided by 255.
 * No training-set mean is subtracted in the frozen regimen: the mean belongs to a fold, so the features of a crop would differ from
 * fold to fold, and its padding would carry the training set's brightness. The unit learns an offset of its own instead.
 * @returns size * size * 3 numbers in [0, 1], row by row
 */
export async function networkInput(png: Uint8Array, size: number): Promise<Float32Array> {
  const { picture } = await decodeCanvas(png, { size, sizeBlind: false });
  return picture.values.map((value) => value / 255);
}
