import { normalP } from "../distributions";
import { StatsError } from "../errors";
import { checkFinite } from "../input";
import { placeAmong } from "../roc/structural-components";
import type { Tail } from "../types";

export interface MannWhitney {
  /** Pairs in which the first is larger, ties 1/2. */
  u: number;
  /** U / (n1 n2): the chance that a value of the first group exceeds one of the second. */
  probability: number;
  /** Only without ties and with fewer than 50 values a group. */
  pExact: number | null;
  /** Normal with the variance corrected for ties, without and with the continuity correction; null when all values are equal. */
  pNormal: number | null;
  pNormalCorrected: number | null;
}

/**
 * Two independent groups by ranks (Mann HB, Whitney DR. Ann Math Stat 1947;18:50-60).
 *
 * Assumes independent units (patients or nodes, not images). Ties get their mean rank. All values equal: no test.
 * @param options.tail `greater`: the first group is the larger
 * @example mannWhitney({ first: [1, 3], second: [2, 4], tail: "two-sided" }).u // 1
 * @throws StatsError when a group is empty or a value is not finite
 */
export function mannWhitney(options: { first: ArrayLike<number>; second: ArrayLike<number>; tail: Tail }): MannWhitney {
  const { first, second, tail } = options;
  checkFinite({ first, second });
  const [m, n] = [first.length, second.length];
  if (m === 0 || n === 0) throw new StatsError("empty", `The ${m === 0 ? "first" : "second"} group is empty.`);
  const wins = Float64Array.from(first);
  placeAmong(Float64Array.from(second).sort(), wins);
  const u = wins.reduce((sum, twice) => sum + twice, 0) / 2;
  const tied = new Map<number, number>();
  for (const values of [first, second]) {
    for (let i = 0; i < values.length; i++) tied.set(values[i] ?? 0, (tied.get(values[i] ?? 0) ?? 0) + 1);
  }
  const correction = [...tied.values()].reduce((sum, count) => sum + count ** 3 - count, 0);
  const sd = Math.sqrt(((m * n) / 12) * (m + n + 1 - correction / ((m + n) * (m + n - 1))));
  const probability = u / (m * n);
  if (tied.size === 1) return { u, probability, pExact: null, pNormal: null, pNormalCorrected: null };
  const centred = u - (m * n) / 2;
  const towardsCentre = tail === "two-sided" ? 0.5 * Math.sign(centred) : tail === "greater" ? 0.5 : -0.5;
  return {
    u,
    probability,
    pExact: correction === 0 && m < 50 && n < 50 ? exactP(u, m, n, tail) : null,
    pNormal: normalP(centred / sd, tail),
    pNormalCorrected: normalP((centred - towardsCentre) / sd, tail),
  };
}

/** A tail of U's distribution (two-sided: twice the smaller one), by counting the arrangements for each U. */
function exactP(u: number, m: number, n: number, side: Tail): number {
  const size = m * n + 1;
  let ways = Array.from({ length: n + 1 }, () => Float64Array.from({ length: size }, (_, k) => (k === 0 ? 1 : 0)));
  for (let i = 1; i <= m; i++) {
    const next = [Float64Array.from({ length: size }, (_, k) => (k === 0 ? 1 : 0))];
    for (let j = 1; j <= n; j++) {
      // The largest value is of the first group (and exceeds all j of the second), or of the second.
      const [fewerFirst, fewerSecond] = [ways[j], next[j - 1]];
      next.push(Float64Array.from({ length: size }, (_, k) => (fewerFirst?.[k - j] ?? 0) + (fewerSecond?.[k] ?? 0)));
    }
    ways = next;
  }
  const counts = ways[n] ?? new Float64Array(0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  // The distribution is symmetric: P(U >= u) = P(U <= m n - u).
  const extreme = side === "two-sided" ? Math.min(u, m * n - u) : side === "greater" ? m * n - u : u;
  const tail = counts.reduce((sum, count, k) => (k <= extreme ? sum + count : sum), 0);
  return Math.min(1, ((side === "two-sided" ? 2 : 1) * tail) / total);
}
