import { StatsError } from "./errors";

/**
 * Holm's step-down adjustment of a family of P values, in input order, capped at 1.
 *
 * Holm S. Scand J Stat 1979;6:65-70. A null (a comparison without a test) stays null and does not count in the family.
 * @throws StatsError when a P value lies outside 0..1
 */
export function holm(values: readonly (number | null)[]): (number | null)[] {
  const tested = values.flatMap((p, index) => {
    if (p === null) return [];
    if (!(p >= 0 && p <= 1)) throw new StatsError("out_of_range", `p[${index}] is ${p}; it must lie in 0..1.`, index);
    return [{ p, index }];
  });
  const adjusted: (number | null)[] = values.map(() => null);
  let highest = 0;
  for (const [rank, { p, index }] of tested.sort((a, b) => a.p - b.p).entries()) {
    highest = Math.max(highest, Math.min(1, p * (tested.length - rank)));
    adjusted[index] = highest;
  }
  return adjusted;
}
