import type { OutputInfo } from "sharp";
import { sha256 } from "./sha256";

export type Shape = Pick<OutputInfo, "width" | "height" | "channels">;

/** Of pixels with their size. */
export const pixelsSha256 = (data: Uint8Array, { width, height, channels }: Shape) =>
  sha256(Buffer.concat([Buffer.from(`${width}x${height}x${channels}|`), data]));

/** Levels of 16 bits that are shown black and white: the range of the picture's own pixels, or chosen by whoever cut it. */
export interface ShownWindow {
  low: number;
  high: number;
  rule: "pixel-range" | "chosen";
}

/** 16-bit levels as 8 bits, `low` and below black and `high` and above white; one level only is black. */
export function windowed(levels: Uint16Array, { low, high }: Pick<ShownWindow, "low" | "high">): Buffer {
  const scale = high > low ? 255 / (high - low) : 0;
  const shown = Buffer.alloc(levels.length);
  for (let i = 0; i < levels.length; i++)
    shown[i] = Math.max(0, Math.min(255, Math.round(((levels[i] ?? 0) - low) * scale)));
  return shown;
}
