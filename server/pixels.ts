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

/** Pixels with as many channels as they need: red, green and blue that are equal everywhere are grey. */
export function inFewestChannels<T extends Uint8Array | Uint16Array>(
  pixels: T,
  channels: Shape["channels"],
): { levels: T; channels: Shape["channels"] } {
  if (channels !== 3) return { levels: pixels, channels };
  for (let i = 0; i < pixels.length; i += 3)
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return { levels: pixels, channels };
  const pixelsInAll = pixels.length / 3;
  const grey = (pixels instanceof Uint16Array ? new Uint16Array(pixelsInAll) : new Uint8Array(pixelsInAll)) as T;
  for (let i = 0; i < grey.length; i++) grey[i] = pixels[3 * i] ?? 0;
  return { levels: grey, channels: 1 };
}
