import { normal } from "@/core/random";
import { gaussianKernel } from "./augmentation";
import type { CanvasWindow, DecodedCrop } from "./preprocess";

/*
 * What augmentation.ts does to a whole canvas, done to the part of it that is not 0: a crop of 60 pixels is a twenty-fifth of its canvas.
 * The values are those of augmentation.ts to the last bit: the same sums in the same order, without the zeros. Pure, as there.
 */

const channels = 3;

/** A canvas that is 0 outside a window. */
export interface Patch {
  /** Side of the canvas in pixels. */
  size: number;
  window: CanvasWindow;
  /** window.height * window.width * 3 numbers, row by row. */
  values: Float32Array;
}

/** Where a turn takes the canvas: the output pixel (x, y) shows the input at (fromX, fromY). */
export interface Turn {
  /** The middle of the canvas, in both directions. */
  centre: number;
  cos: number;
  sin: number;
}

const lengthOf = ({ width, height }: CanvasWindow) => width * height * channels;

/** A turn of a canvas about its centre. @param degrees positive: counter-clockwise as seen */
export function turnBy(degrees: number, size: number): Turn {
  const angle = (degrees * Math.PI) / 180;
  return { centre: (size - 1) / 2, cos: Math.cos(angle), sin: Math.sin(angle) };
}

const sourceX = ({ centre, cos, sin }: Turn, x: number, y: number) => centre + cos * (x - centre) - sin * (y - centre);
const sourceY = ({ centre, cos, sin }: Turn, x: number, y: number) => centre + sin * (x - centre) + cos * (y - centre);

/** A crop on the canvas of zeros, mirrored left-right, upside down, both or not at all. */
export function placeCrop(crop: DecodedCrop, flip: { horizontal: boolean; vertical: boolean }): Patch {
  const { pixels, size } = crop;
  const { x, y, width, height } = crop.window;
  const values = new Float32Array(pixels.length);
  let i = 0;
  for (let row = 0; row < height; row++) {
    const fromRow = flip.vertical ? height - 1 - row : row;
    for (let column = 0; column < width; column++) {
      let from = (fromRow * width + (flip.horizontal ? width - 1 - column : column)) * channels;
      for (let c = 0; c < channels; c++) values[i++] = pixels[from++] ?? 0;
    }
  }
  const window = {
    x: flip.horizontal ? size - x - width : x,
    y: flip.vertical ? size - y - height : y,
    width,
    height,
  };
  return { size, window, values };
}

/** Grown on every side, not beyond the canvas. */
function grown({ size, window: { x, y, width, height } }: Patch, byX: number, byY: number): CanvasWindow {
  const [left, top] = [Math.max(0, x - byX), Math.max(0, y - byY)];
  return {
    x: left,
    y: top,
    width: Math.min(size, x + width + byX) - left,
    height: Math.min(size, y + height + byY) - top,
  };
}

/** Weighted sum of shifted copies along one axis; sums are double, results single, as in `blur` of augmentation.ts. */
function blurAlong(patch: Patch, kernel: Float64Array, axis: "columns" | "rows"): Patch {
  const { size, window, values } = patch;
  const radius = (kernel.length - 1) / 2;
  const out = axis === "columns" ? grown(patch, 0, radius) : grown(patch, radius, 0);
  const result = new Float32Array(lengthOf(out));
  const row = out.width * channels;
  const sums = new Float64Array(row);
  for (let y = 0; y < out.height; y++) {
    sums.fill(0);
    for (let k = 0; k < kernel.length; k++) {
      const weight = kernel[k] ?? 0;
      const fromY = out.y + y - window.y + (axis === "columns" ? k - radius : 0);
      if (fromY < 0 || fromY >= window.height) continue;
      const shift = out.x - window.x + (axis === "rows" ? k - radius : 0);
      const first = Math.max(0, -shift) * channels;
      const end = Math.min(out.width, window.width - shift) * channels;
      const from = (fromY * window.width + shift) * channels;
      for (let i = first; i < end; i++) sums[i] = (sums[i] ?? 0) + weight * (values[from + i] ?? 0);
    }
    result.set(sums, y * row);
  }
  return { size, window: out, values: result };
}

/** Gaussian blur, columns and then rows, zeros outside; the window grows by the kernel's radius. @throws RangeError unless sigma > 0 */
export function blurPatch(patch: Patch, sigma: number): Patch {
  const kernel = gaussianKernel(sigma);
  return blurAlong(blurAlong(patch, kernel, "columns"), kernel, "rows");
}

/** The smallest window that holds whatever a turn can make of a window: a pixel reaches almost one pixel further (bilinear). */
function turned({ size, window: { x, y, width, height } }: Patch, turn: Turn): CanvasWindow {
  const back = { ...turn, sin: -turn.sin };
  const corners = [
    [x - 1, y - 1],
    [x + width, y - 1],
    [x - 1, y + height],
    [x + width, y + height],
  ] as const;
  const xs = corners.map(([cornerX, cornerY]) => sourceX(back, cornerX, cornerY));
  const ys = corners.map(([cornerX, cornerY]) => sourceY(back, cornerX, cornerY));
  const [left, top] = [Math.max(0, Math.floor(Math.min(...xs))), Math.max(0, Math.floor(Math.min(...ys)))];
  return {
    x: left,
    y: top,
    width: Math.min(size, Math.ceil(Math.max(...xs)) + 1) - left,
    height: Math.min(size, Math.ceil(Math.max(...ys)) + 1) - top,
  };
}

/** Turned about the centre of the canvas, bilinear, what lies outside counting as 0; what leaves the canvas is cut off. */
export function turnPatch(patch: Patch, turn: Turn): Patch {
  const { size, window, values } = patch;
  const out = turned(patch, turn);
  const result = new Float32Array(lengthOf(out));
  const { width, height } = window;
  const row = width * channels;
  const at = (x: number, y: number, c: number) =>
    x >= 0 && y >= 0 && x < width && y < height ? (values[y * row + x * channels + c] ?? 0) : 0;
  let i = 0;
  for (let y = out.y; y < out.y + out.height; y++)
    for (let x = out.x; x < out.x + out.width; x++, i += channels) {
      const fromX = sourceX(turn, x, y);
      const fromY = sourceY(turn, x, y);
      const right = fromX - Math.floor(fromX);
      const below = fromY - Math.floor(fromY);
      const left = Math.floor(fromX) - window.x;
      const top = Math.floor(fromY) - window.y;
      if (left < -1 || top < -1 || left >= width || top >= height) continue;
      const inside = left >= 0 && top >= 0 && left + 1 < width && top + 1 < height;
      const from = top * row + left * channels;
      for (let c = 0; c < channels; c++) {
        const a = inside ? (values[from + c] ?? 0) : at(left, top, c);
        const b = inside ? (values[from + channels + c] ?? 0) : at(left + 1, top, c);
        const d = inside ? (values[from + row + c] ?? 0) : at(left, top + 1, c);
        const e = inside ? (values[from + row + channels + c] ?? 0) : at(left + 1, top + 1, c);
        result[i + c] = (1 - below) * ((1 - right) * a + right * b) + below * ((1 - right) * d + right * e);
      }
    }
  return { size, window: out, values: result };
}

/**
 * Gaussian noise on the pixels of the crop alone, one draw a pixel, shared by its channels. A blank canvas is no data, so it stays blank;
 * that also keeps it constant, which the engine makes use of. A pixel belongs to the crop when its centre does before the turn.
 * @param crop where the crop lay before the turn
 * @param sigma in units of the values
 */
export function addNoiseToCrop(
  { size, window, values }: Patch,
  options: { crop: CanvasWindow; turn: Turn; sigma: number; random: () => number },
): Patch {
  const { crop, turn, sigma, random } = options;
  const result = values.slice();
  let i = 0;
  for (let y = window.y; y < window.y + window.height; y++)
    for (let x = window.x; x < window.x + window.width; x++, i += channels) {
      const fromX = sourceX(turn, x, y) + 0.5;
      const fromY = sourceY(turn, x, y) + 0.5;
      if (fromX < crop.x || fromY < crop.y || fromX >= crop.x + crop.width || fromY >= crop.y + crop.height) continue;
      const drawn = sigma * normal(random);
      for (let c = 0; c < channels; c++) result[i + c] = (values[i + c] ?? 0) + drawn;
    }
  return { size, window, values: result };
}
