import type { CanvasWindow } from "@/worker/inception/preprocess";
import type { HeatMap } from "./heat-map";

/** How the crop is covered, in pixels of the network's input. */
export interface Covering {
  /** Side of the square patch; cut off at the crop's border. */
  patch: number;
  /** From one place of the patch to the next. */
  stride: number;
}

/** About 8 places along the crop's longer side, each pixel under about 2 x 2 patches. */
export function coveringOf({ width, height }: CanvasWindow): Covering {
  const stride = Math.max(1, Math.round(Math.max(width, height) / 8));
  return { patch: 2 * stride, stride };
}

const colours = 3;

/** The input with the mean colour of the crop on a square: what was to be seen there is gone, without a dark hole as a new thing to see. */
function covered(
  input: Float32Array,
  size: number,
  window: CanvasWindow,
  square: { left: number; top: number; right: number; bottom: number; colour: readonly number[] },
): Float32Array {
  const copy = Float32Array.from(input);
  const [right, bottom] = [window.x + window.width, window.y + window.height];
  for (let y = Math.max(window.y, square.top); y < Math.min(bottom, square.bottom); y++)
    for (let x = Math.max(window.x, square.left); x < Math.min(right, square.right); x++)
      for (const [c, value] of square.colour.entries()) copy[(y * size + x) * colours + c] = value;
  return copy;
}

/** Mean of each colour over the crop. */
function meanColour(input: Float32Array, size: number, window: CanvasWindow): number[] {
  const sums = new Array<number>(colours).fill(0);
  for (let y = window.y; y < window.y + window.height; y++)
    for (let x = window.x; x < window.x + window.width; x++)
      for (let c = 0; c < colours; c++) sums[c] = (sums[c] ?? 0) + (input[(y * size + x) * colours + c] ?? 0);
  return sums.map((sum) => sum / (window.width * window.height));
}

/** Middles of the patches along one side, in the middle of it. */
function middles(first: number, length: number, stride: number): number[] {
  const count = Math.max(1, Math.ceil(length / stride));
  return Array.from({ length: count }, (_, i) => first + (length - 1) / 2 + (i - (count - 1) / 2) * stride);
}

/**
 * Occlusion (Zeiler and Fergus, ECCV 2014, section 4.2): by how much the logit falls when a patch covers a part of the crop. A patch never
 * lies on the padding. Positive: what is there speaks for the positive class.
 * @param options.input of `networkInputOf`, size x size x 3
 * @param options.logits the network, for several inputs together
 * @param options.batch inputs that are computed together
 * @param options.onProgress after every batch
 * @returns the map, and the logit of the crop as it is
 */
export async function occlusionMap(options: {
  input: Float32Array;
  window: CanvasWindow;
  covering: Covering;
  logits: (inputs: readonly Float32Array[]) => Promise<Float32Array>;
  batch: number;
  onProgress: (done: number, total: number) => Promise<void>;
}): Promise<{ map: HeatMap; logit: number }> {
  const { input, window, covering, logits, batch, onProgress } = options;
  const { patch, stride } = covering;
  const size = Math.sqrt(input.length / colours);
  const colour = meanColour(input, size, window);
  const across = middles(window.x, window.width, stride);
  const down = middles(window.y, window.height, stride);
  const places = down.flatMap((y) => across.map((x) => ({ x, y })));
  const [logit = Number.NaN] = await logits([input]);
  const values = new Float32Array(places.length);
  for (let from = 0; from < places.length; from += batch) {
    const inputs = places.slice(from, from + batch).map(({ x, y }) => {
      const [left, top] = [Math.round(x - (patch - 1) / 2), Math.round(y - (patch - 1) / 2)];
      return covered(input, size, window, { left, top, right: left + patch, bottom: top + patch, colour });
    });
    for (const [i, other] of (await logits(inputs)).entries()) values[from + i] = logit - other;
    await onProgress(from + inputs.length, places.length);
  }
  const [firstX = window.x] = across;
  const [firstY = window.y] = down;
  return { logit, map: { width: across.length, height: down.length, values, firstX, firstY, step: stride } };
}
