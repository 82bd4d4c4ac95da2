import type { CanvasWindow } from "@/worker/inception/preprocess";

/*
 * What speaks for and against the positive class at places of the canvas: positive numbers for, negative against. All places in pixels of
 * the network's input, x to the right, y down, whole numbers in the middle of pixels.
 */

/** Numbers on a regular grid. */
export interface HeatMap {
  width: number;
  height: number;
  /** [height * width], row by row. */
  values: Float32Array;
  /** Pixel of the first value. */
  firstX: number;
  firstY: number;
  /** Pixels from one value to the next. */
  step: number;
}

/** Bilinear between the values, the border's beyond them. */
export function valueAt({ width, height, values, firstX, firstY, step }: HeatMap, x: number, y: number): number {
  const across = Math.min(Math.max((x - firstX) / step, 0), width - 1);
  const down = Math.min(Math.max((y - firstY) / step, 0), height - 1);
  const [column, row] = [Math.floor(across), Math.floor(down)];
  const [right, below] = [Math.min(column + 1, width - 1), Math.min(row + 1, height - 1)];
  const at = (i: number, j: number) => values[j * width + i] ?? 0;
  const upper = at(column, row) + (at(right, row) - at(column, row)) * (across - column);
  const lower = at(column, below) + (at(right, below) - at(column, below)) * (across - column);
  return upper + (lower - upper) * (down - row);
}

/** Largest magnitude at a pixel of the crop, and which share of all magnitude on the canvas lies outside of it: on the padding. */
export function extentOf(map: HeatMap, window: CanvasWindow, canvas: number): { largest: number; outside: number } {
  let [largest, inside, total] = [0, 0, 0];
  for (let y = 0; y < canvas; y++)
    for (let x = 0; x < canvas; x++) {
      const magnitude = Math.abs(valueAt(map, x, y));
      total += magnitude;
      const [column, row] = [x - window.x, y - window.y];
      if (column < 0 || row < 0 || column >= window.width || row >= window.height) continue;
      inside += magnitude;
      largest = Math.max(largest, magnitude);
    }
  return { largest, outside: total > 0 ? 1 - inside / total : 0 };
}
