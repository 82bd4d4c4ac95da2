import { Inflate } from "fflate";
import { joined } from "./bytes";
import { DicomRefusal } from "./refusal";

/** Most bytes that a deflated data set may become: a picture of 16,000 x 16,000 of 16 bits. */
export const longestInflated = 2 ** 29;

/**
 * Inflates what follows the header, piece by piece, so that a bomb is found before it is in memory. The parser reads what it is given from its first byte, so
 * the header is not put in front again.
 */
export function inflated(bytes: Uint8Array, position: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const inflate = new Inflate((piece) => {
    length += piece.length;
    if (length > longestInflated) throw new DicomRefusal("inflates_too_far", { limit: longestInflated / 2 ** 20 });
    pieces.push(piece);
  });
  const step = 16_384;
  for (let at = position; at < bytes.length; at += step)
    inflate.push(bytes.subarray(at, at + step), at + step >= bytes.length);
  return joined(pieces, length);
}
