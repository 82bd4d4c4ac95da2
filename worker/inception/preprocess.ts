import sharp from "sharp";
import { fitToCanvas } from "@/core/imaging/canvas";

export const inputSize = 299;

/** Changes when the arithmetic below does: cached features belong to one version of it. */
export const preprocessingVersion = "pad-zero-div255-v1";

/**
 * A stored crop as network input: padded with zeros to 299 x 299, never stretched (scaled down with its shape kept when larger), RGB, divided by 255.
 * No training-set mean is subtracted in the frozen regimen: the mean belongs to a fold, so the features of a crop would differ from
 * fold to fold, and its padding would carry the training set's brightness. The unit learns an offset of its own instead.
 * @returns 299 * 299 * 3 numbers in [0, 1], row by row
 */
export async function networkInput(png: Uint8Array): Promise<Float32Array> {
  const { width = 0, height = 0 } = await sharp(png).metadata();
  const place = fitToCanvas({ width, height, size: inputSize });
  const pixels = await sharp(png)
    .toColourspace("srgb")
    .removeAlpha()
    .resize(place.width, place.height, { fit: "fill" })
    .extend({
      left: place.left,
      top: place.top,
      right: inputSize - place.width - place.left,
      bottom: inputSize - place.height - place.top,
      background: { r: 0, g: 0, b: 0 },
    })
    .raw()
    .toBuffer();
  if (pixels.length !== inputSize * inputSize * 3)
    throw new Error(`an image decoded to ${pixels.length} numbers instead of 299 x 299 x 3`);
  return Float32Array.from(pixels, (value) => value / 255);
}
