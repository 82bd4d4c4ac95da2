import { shuffled } from "@/core/random";
import { sha256 } from "@/server/sha256";

/**
 * The reading order that a seed gives to cases (ids in any order), to draw a stored one again: that of the hashes of seed and case, as `nw.drawn_order` has it.
 * A seed of at most ten digits is one of an earlier version, which shuffled the cases by it (mulberry32, Fisher and Yates).
 */
export function drawnOrder({ cases, seed }: { cases: readonly string[]; seed: string }): string[] {
  if (/^\d{1,10}$/.test(seed)) return shuffled(cases.toSorted(), Number(seed));
  const places = new Map(cases.map((id) => [id, sha256(`${seed}|${id}`)]));
  const place = (id: string) => places.get(id) ?? "";
  return cases.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}
