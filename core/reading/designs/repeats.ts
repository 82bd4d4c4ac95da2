import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** Cases of a list that are read once more, and how many cases lie between the two reads of one at least. */
export interface Repeats {
  cases: number;
  apart: number;
}

/** The repeats that the seed of an order names, which begins with them ("3.20.30."; images of a node are kept apart in it, too); null: none. */
export function repeatsOfSeed(seed: string): Repeats | null {
  const [, cases, apart] = /^3\.(\d+)\.(\d+)\./.exec(seed) ?? [];
  return cases === undefined || apart === undefined ? null : { cases: Number(cases), apart: Number(apart) };
}

/** Fewest cases of a list that has these repeats: then one of two places that could hold one does at most, so that a place tells nothing. */
export const fewestForRepeats = ({ cases, apart }: Repeats): number => apart + 2 * cases;

/**
 * An order with some of its cases in it once more, drawn by the seed: each behind as many cases as lie between at least, one between two cases of the order at most,
 * and beside no case of the same node as long as it can be. As `nw.with_repeats` has it.
 * @param order of `fewestForRepeats` cases at least
 */
export function withRepeats<T extends { id: string; node: string }>(
  order: readonly T[],
  seed: string,
  { cases, apart }: Repeats,
): T[] {
  const drawn = order
    .slice(0, Math.max(0, order.length - apart))
    .map(({ id, node }, at) => ({ at, node, hash: bytesToHex(sha256(utf8ToBytes(`${seed}|again|${id}`))) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const behind = new Map<number, number>();
  const placed = new Set<number>();
  for (const besideOthers of [true, false])
    for (const { at, node, hash } of drawn) {
      if (placed.size === cases) break;
      if (placed.has(at)) continue;
      const gaps = order.length - at - apart;
      const first = Number.parseInt(hash.slice(8, 16), 16);
      for (let step = 0; step < gaps; step++) {
        const gap = at + apart + ((first + step) % gaps);
        if (behind.has(gap) || (besideOthers && (order[gap]?.node === node || order[gap + 1]?.node === node))) continue;
        behind.set(gap, at);
        placed.add(at);
        break;
      }
    }
  return order.flatMap((each, gap) => {
    const again = order[behind.get(gap) ?? -1];
    return again ? [each, again] : [each];
  });
}
