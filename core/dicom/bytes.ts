import type { Value } from "./data-set";
import { wordOf } from "./values";

/** Pieces one after the other. */
export function joined(pieces: readonly Uint8Array[], length = pieces.reduce((sum, piece) => sum + piece.length, 0)) {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Big endian words turned round, each of the size of its representation, or of `size` bytes. */
export function swapped({ vr, bytes }: Value, size: number = wordOf[vr] ?? 1): Value {
  if (size <= 1 || vr === "OB") return { vr, bytes };
  const turned = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const from = at - (at % size) + (size - 1 - (at % size));
    turned[at] = bytes[from] ?? 0;
  }
  return { vr, bytes: turned };
}

/** Planes one after the other as pixels, of `channels` samples of `size` bytes each. */
export function byPixel(planes: Uint8Array, { channels, size }: { channels: number; size: number }): Uint8Array {
  const pixels = planes.length / (channels * size);
  const out = new Uint8Array(planes.length);
  let to = 0;
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let channel = 0; channel < channels; channel++)
      for (let byte = 0; byte < size; byte++) out[to++] = planes[(channel * pixels + pixel) * size + byte] ?? 0;
  return out;
}

/** Pixels in pairs that share their colour (Y Y B R) as pixels that each have it, PS3.3 section C.7.6.3.1.2. */
export function withOwnColour(pairs: Uint8Array): Uint8Array {
  const out = new Uint8Array((pairs.length / 2) * 3);
  for (let at = 0, to = 0; at + 4 <= pairs.length; at += 4, to += 6) {
    const [first = 0, second = 0, blue = 0, red = 0] = pairs.subarray(at, at + 4);
    out.set([first, blue, red, second, blue, red], to);
  }
  return out;
}
