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
