import sharp from "sharp";
import type { Picture } from "@/worker/inception/augmentation";
import type { CanvasWindow } from "@/worker/inception/preprocess";
import { type HeatMap, valueAt } from "./heat-map";

/** Width and height of the square that shows the crop, in pixels; under it lies the scale. */
export const pictureSize = 512;
const gapHeight = 8;
const scaleHeight = 20;
export const overlayHeight = pictureSize + gapHeight + scaleHeight;

/** How much of the picture the strongest evidence covers. */
const mostCover = 0.7;
/** Under the scale: the grey of the middle, so that it looks as on the picture. */
const middleGrey = 110;

/**
 * The colour of some evidence, -1 (against) to 1 (for), sRGB 0..255: blue to orange through grey, in OKLCH (Ottosson 2020) at one lightness,
 * with a chroma in proportion to the evidence. Equal steps of evidence look equally far apart, and the two ends differ along blue and
 * yellow, which people with red-green deficiency tell apart.
 */
export function colourOf(evidence: number): [number, number, number] {
  const lightness = 0.7;
  const chroma = 0.125 * Math.min(1, Math.abs(evidence));
  const hue = ((evidence > 0 ? 65 : 250) * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(hue), chroma * Math.sin(hue)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const shown = (linear: number) => 255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);
  return [
    shown(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    shown(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    shown(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** Blends the colour of some evidence over a pixel; none leaves it as it is. */
function tint(pixels: Uint8Array, at: number, evidence: number): void {
  const cover = mostCover * Math.min(1, Math.abs(evidence));
  for (const [c, value] of colourOf(evidence).entries())
    pixels[at + c] = Math.round((1 - cover) * (pixels[at + c] ?? 0) + cover * value);
}

/** The crop, cut out of its canvas and enlarged with its shape kept: bytes, three colours a pixel. */
async function enlarged(canvas: Picture, window: CanvasWindow, width: number, height: number): Promise<Uint8Array> {
  const { channels } = canvas;
  const crop = Buffer.alloc(window.width * window.height * channels);
  for (let y = 0; y < window.height; y++)
    for (let i = 0; i < window.width * channels; i++) {
      const from = ((y + window.y) * canvas.width + window.x) * channels + i;
      crop[y * window.width * channels + i] = Math.min(255, Math.max(0, Math.round(canvas.values[from] ?? 0)));
    }
  return sharp(crop, { raw: { width: window.width, height: window.height, channels: channels === 1 ? 1 : 3 } })
    .resize(width, height, { fit: "fill", kernel: "lanczos3" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer();
}

/**
 * A crop with a heat map over it as a PNG, 512 x 540: the crop as large as it fits, and under it the scale from the strongest evidence
 * against on the left to the strongest for on the right, with a mark at none. The same input gives the same bytes.
 * @param canvas the network's picture before its mean is subtracted, 0..255
 * @param largest the magnitude at the ends of the scale; 0 where there is no evidence at all
 */
export async function overlay(canvas: Picture, window: CanvasWindow, map: HeatMap, largest: number): Promise<Buffer> {
  const zoom = pictureSize / Math.max(window.width, window.height);
  const [width, height] = [Math.round(window.width * zoom), Math.round(window.height * zoom)];
  const [left, top] = [Math.floor((pictureSize - width) / 2), Math.floor((pictureSize - height) / 2)];
  const crop = await enlarged(canvas, window, width, height);
  const pixels = new Uint8Array(pictureSize * overlayHeight * 3);
  for (let y = 0; y < height; y++) {
    const row = ((y + top) * pictureSize + left) * 3;
    pixels.set(crop.subarray(y * width * 3, (y + 1) * width * 3), row);
    if (largest === 0) continue;
    const canvasY = window.y + ((y + 0.5) * window.height) / height - 0.5;
    for (let x = 0; x < width; x++) {
      const canvasX = window.x + ((x + 0.5) * window.width) / width - 0.5;
      tint(pixels, row + x * 3, valueAt(map, canvasX, canvasY) / largest);
    }
  }
  for (let y = pictureSize + gapHeight; y < overlayHeight; y++)
    for (let x = 0; x < pictureSize; x++) {
      const at = (y * pictureSize + x) * 3;
      const isMark = Math.abs(x + 0.5 - pictureSize / 2) < 1;
      pixels.fill(isMark ? 255 : middleGrey, at, at + 3);
      if (!isMark) tint(pixels, at, (2 * (x + 0.5)) / pictureSize - 1);
    }
  return sharp(pixels, { raw: { width: pictureSize, height: overlayHeight, channels: 3 } })
    .png({ compressionLevel: 9, adaptiveFiltering: false })
    .toBuffer();
}
