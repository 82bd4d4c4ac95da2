import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** How the seed of an order begins in which images of a node are kept apart; those drawn by earlier versions begin otherwise. */
export const seedThatKeepsApart = "2.";

/** The order that a seed gives to ids, in whatever order they come: that of the hashes of seed and id, as `nw.drawn_order` has it. */
export function seededOrder(ids: readonly string[], seed: string): string[] {
  const places = new Map(ids.map((id) => [id, bytesToHex(sha256(utf8ToBytes(`${seed}|${id}`)))]));
  const place = (id: string) => places.get(id) ?? "";
  return ids.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

/**
 * The same order, but that no two cases of one node follow each other: the next is the first of another node than the one before it, and of the node that has
 * more than half of what is left as soon as one has. Where a node has more than all others together and one, that cannot be: then as few follow each other as
 * can (most - others - 1), at the end. As `nw.kept_apart` has it.
 */
export function keptApart<T extends { node: string }>(cases: readonly T[]): T[] {
  const left = [...cases];
  const counts = new Map<string, number>();
  for (const { node } of left) counts.set(node, (counts.get(node) ?? 0) + 1);
  let largest = Math.max(0, ...counts.values());
  const order: T[] = [];
  let last: string | undefined;
  while (left.length > 0) {
    if (2 * largest > left.length) largest = Math.max(...counts.values());
    const most = 2 * largest > left.length ? [...counts].find(([, count]) => count === largest)?.[0] : undefined;
    const at = left.findIndex(({ node }) => (most === undefined || most === last ? node !== last : node === most));
    for (const next of left.splice(Math.max(0, at), 1)) {
      order.push(next);
      last = next.node;
      counts.set(last, (counts.get(last) ?? 0) - 1);
    }
  }
  return order;
}

/** How many cases follow one of the same node. */
export const adjacent = (cases: readonly { node: string }[]): number =>
  cases.filter(({ node }, at) => at > 0 && cases[at - 1]?.node === node).length;
