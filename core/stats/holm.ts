/** P values adjusted for a family by Holm's step-down method (Scand J Stat 1979;6:65), in the order given, at most 1. Null (no test) stays null and does not count. */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
  const order = ps.flatMap((p, index) => (p === null ? [] : [{ p, index }])).sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = ps.map(() => null);
  let running = 0;
  for (const [rank, { p, index }] of order.entries()) {
    running = Math.max(running, Math.min(1, (order.length - rank) * p));
    adjusted[index] = running;
  }
  return adjusted;
}
