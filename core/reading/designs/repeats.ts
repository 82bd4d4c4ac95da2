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

/** Fewest cases of a list that has these repeats: then one of two places that could hold one does at most, so that no place tells a repeat. */
export const fewestForRepeats = ({ cases, apart }: Repeats): number => apart + 2 * cases;

/** So often it is drawn anew where a repeat would stand beside a case of its node. */
const attempts = 100;

const sortedByHash = <T>(of: readonly T[], textOf: (each: T) => string): T[] =>
  of
    .map((each) => ({ each, hash: bytesToHex(sha256(utf8ToBytes(textOf(each)))) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    .map(({ each }) => each);

/**
 * An order with some of its cases in it once more, drawn by the seed. First the places are drawn, each that has enough cases before it as likely as any other, one between two cases of the order at
 * most, so that no place tells a repeat; then, from the first on, the case of each: of those that are far enough before it, and of another node than its neighbours as long as there is one. As `nw.with_repeats` has it.
 * @param order of `fewestForRepeats` cases at least
 */
export function withRepeats<T extends { id: string; node: string }>(
  order: readonly T[],
  seed: string,
  { cases, apart }: Repeats,
): T[] {
  const total = order.length;
  const behind = new Map<number, number>();
  for (let attempt = 1; attempt <= attempts; attempt++) {
    behind.clear();
    const used = new Set<number>();
    const drawn = sortedByHash(
      Array.from({ length: total }, (_, at) => at),
      (at) => `${seed}|again|${attempt}|${order[at]?.id}`,
    );
    const places = sortedByHash(
      Array.from({ length: Math.max(0, total - apart) }, (_, at) => apart + at + 1),
      (place) => `${seed}|behind|${attempt}|${place}`,
    )
      .slice(0, cases)
      .sort((a, b) => a - b);
    let clash = false;
    for (const place of places) {
      const free = drawn.filter((at) => at < place - apart && !used.has(at));
      const [before, after] = [order[place - 1]?.node, order[place]?.node];
      const apartFromBoth = free.find((at) => ![before, after].includes(order[at]?.node));
      const chosen = apartFromBoth ?? free[0];
      if (chosen === undefined) continue;
      clash ||= apartFromBoth === undefined;
      used.add(chosen);
      behind.set(place, chosen);
    }
    if (!clash) break;
  }
  return order.flatMap((each, at) => {
    const again = order[behind.get(at + 1) ?? -1];
    return again ? [each, again] : [each];
  });
}
