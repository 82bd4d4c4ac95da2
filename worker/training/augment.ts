import { seededRandom } from "@/core/random";
import { addNoiseToCrop, blurPatch, type Patch, placeCrop, turnBy, turnPatch } from "@/worker/inception/patch";
import type { DecodedCrop } from "@/worker/inception/preprocess";

/** How much a picture is varied from epoch to epoch. */
export interface Augmentation {
  /** Left-right in one of two cases. */
  flipHorizontal: boolean;
  /** Upside down in one of two cases. */
  flipVertical: boolean;
  /** Turned by an angle that is uniform in -this..this; 0 = off. */
  rotationDegrees: number;
  /** Standard deviation of Gaussian noise on the crop's pixels, of 255; 0 = off. */
  noiseSigma: number;
  /** Gaussian blur with a standard deviation that is uniform in 0..this, in pixels; 0 = off. */
  blurSigma: number;
}

/** What was drawn for one picture. */
export interface Drawing {
  flip: { horizontal: boolean; vertical: boolean };
  degrees: number;
  blurSigma: number;
  noiseSigma: number;
  /** Goes on where the drawing stopped: the noise comes out of it. */
  random: () => number;
}

/** Draws all that there is to draw, whether it is on or off, so that switching one off leaves the others as they were. */
export function drawAugmentation(augmentation: Augmentation, seed: number): Drawing {
  const random = seededRandom(seed);
  const [horizontal, vertical, turn, blur] = [random() < 0.5, random() < 0.5, random(), random()];
  return {
    flip: { horizontal: augmentation.flipHorizontal && horizontal, vertical: augmentation.flipVertical && vertical },
    degrees: (2 * turn - 1) * augmentation.rotationDegrees,
    blurSigma: (1 - blur) * augmentation.blurSigma,
    noiseSigma: augmentation.noiseSigma,
    random,
  };
}

/**
 * A crop on its canvas, varied: flips, blur, turn about the canvas's centre, noise, in this order. That of a camera: the optics blur, the
 * sensor adds its noise last, so that neither blur nor interpolation takes any of it away. The noise is not clamped to 0..255, which
 * would brighten black and darken white areas.
 * @returns in 0..255, but for the noise; the window holds all that is not 0
 */
export function augmentCrop(crop: DecodedCrop, drawing: Drawing | null): Patch {
  let patch = placeCrop(crop, drawing?.flip ?? { horizontal: false, vertical: false });
  if (!drawing) return patch;
  const placed = patch.window;
  const turn = turnBy(drawing.degrees, crop.size);
  if (drawing.blurSigma > 0) patch = blurPatch(patch, drawing.blurSigma);
  if (drawing.degrees !== 0) patch = turnPatch(patch, turn);
  if (drawing.noiseSigma > 0)
    patch = addNoiseToCrop(patch, { crop: placed, turn, sigma: drawing.noiseSigma, random: drawing.random });
  return patch;
}
