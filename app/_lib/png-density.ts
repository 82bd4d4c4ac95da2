import { crc32 } from "@/core/text/crc32";

const signature = 8;
const header = 25;

/**
 * A PNG that says how large it is in print, by a `pHYs` chunk behind its header; without one it is taken for 72 or 96 dots an inch.
 * @param png as a canvas makes it, without that chunk
 */
export function withDensity(png: Uint8Array, dotsPerInch: number): Uint8Array<ArrayBuffer> {
  const chunk = new DataView(new ArrayBuffer(21));
  const dotsPerMetre = Math.round(dotsPerInch / 0.0254);
  chunk.setUint32(0, 9);
  for (const [at, letter] of [..."pHYs"].entries()) chunk.setUint8(4 + at, letter.charCodeAt(0));
  chunk.setUint32(8, dotsPerMetre);
  chunk.setUint32(12, dotsPerMetre);
  chunk.setUint8(16, 1);
  chunk.setUint32(17, crc32(new Uint8Array(chunk.buffer, 4, 13)));
  const result = new Uint8Array(png.length + chunk.byteLength);
  const at = signature + header;
  result.set(png.subarray(0, at));
  result.set(new Uint8Array(chunk.buffer), at);
  result.set(png.subarray(at), at + chunk.byteLength);
  return result;
}
