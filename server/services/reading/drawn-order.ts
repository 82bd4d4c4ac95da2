import { shuffled } from "@/core/random";
import { keptApart, seededOrder, seedThatKeepsApart } from "@/core/reading/designs/order";
import { repeatsOfSeed, withRepeats } from "@/core/reading/designs/repeats";

/**
 * The reading order that a seed gives to cases, in whatever order they come, to draw a stored one again: that of the hashes of seed and case, as `nw.drawn_order` has it, and by a seed that
 * keeps images of a node apart that of `nw.kept_apart`, with what the seed says is read twice (`nw.with_repeats`). A seed of at most ten digits is one of an earlier version, which shuffled the cases by it (mulberry32, Fisher and Yates).
 */
export function drawnOrder({
  cases,
  seed,
}: {
  cases: readonly { id: string; node: string }[];
  seed: string;
}): string[] {
  const ids = cases.map(({ id }) => id);
  if (/^\d{1,10}$/.test(seed)) return shuffled(ids.toSorted(), Number(seed));
  const order = seededOrder(ids, seed);
  const repeats = repeatsOfSeed(seed);
  if (!repeats && !seed.startsWith(seedThatKeepsApart)) return order;
  const byId = new Map(cases.map((each) => [each.id, each]));
  const apart = keptApart(order.flatMap((id) => byId.get(id) ?? []));
  return (repeats ? withRepeats(apart, seed, repeats) : apart).map(({ id }) => id);
}
