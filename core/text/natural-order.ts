/** R2 before R10: runs of digits are compared as numbers, all else by code point; the same everywhere, unlike a collation. */
export function naturalOrder(a: string, b: string): number {
  const [partsA, partsB] = [a, b].map((text) => text.match(/\d+|\D+/gu) ?? []);
  for (const [at, ofA] of (partsA ?? []).entries()) {
    const ofB = partsB?.[at];
    if (ofB === undefined) return 1;
    if (ofA === ofB) continue;
    const [numberA, numberB] = [Number(ofA), Number(ofB)];
    if (!Number.isNaN(numberA) && !Number.isNaN(numberB) && numberA !== numberB) return numberA - numberB;
    return ofA < ofB ? -1 : 1;
  }
  return (partsA?.length ?? 0) - (partsB?.length ?? 0);
}
