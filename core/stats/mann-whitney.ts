import { normalTwoSidedP } from "./distributions";
import { checkFinite } from "./input";
import { midranks } from "./structural-components";

export interface MannWhitney {
  /** Pairs in which the first is larger, ties 1/2; null with an empty group. */
  u: number | null;
  /** U / (n1 n2): the chance that a value of the first group exceeds one of the second. */
  probability: number | null;
  /** Two-sided; only without ties and with fewer than 50 values a group. */
  pExact: number | null;
  /** Two-sided, normal with the variance corrected for ties, without and with the continuity correction. */
  pNormal: number | null;
  pNormalCorrected: number | null;
}

/**
 * Two independent groups by ranks (Mann HB, Whitney DR. Ann Math Stat 1947;18:50-60).
 *
 * Assumes independent units (patients or nodes, not images). Ties get their mean rank. All values equal, or an empty group: no test.
 * @throws StatsError when a value is not finite
 */
export function mannWhitney({ first, second }: { first: readonly number[]; second: readonly number[] }): MannWhitney {
  checkFinite({ first, second });
  const [m, n] = [first.length, second.length];
  const untested = { pExact: null, pNormal: null, pNormalCorrected: null };
  if (m === 0 || n === 0) return { u: null, probability: null, ...untested };
  const all = [...first, ...second];
  const u =
    midranks(all)
      .subarray(0, m)
      .reduce((sum, rank) => sum + rank, 0) -
    (m * (m + 1)) / 2;
  const tied = new Map<number, number>();
  for (const value of all) tied.set(value, (tied.get(value) ?? 0) + 1);
  const correction = [...tied.values()].reduce((sum, count) => sum + count ** 3 - count, 0);
  const variance = ((m * n) / 12) * (m + n + 1 - correction / ((m + n) * (m + n - 1)));
  const probability = u / (m * n);
  if (tied.size === 1) return { u, probability, ...untested };
  const centred = u - (m * n) / 2;
  const corrected = Math.sign(centred) * (Math.abs(centred) - 0.5);
  const sd = Math.sqrt(variance);
  return {
    u,
    probability,
    pExact: correction === 0 && m < 50 && n < 50 ? exactP(u, m, n) : null,
    pNormal: normalTwoSidedP(centred / sd),
    pNormalCorrected: normalTwoSidedP(centred === 0 ? 0 : corrected / sd),
  };
}

/** Twice the smaller tail of U's distribution, by counting the arrangements for each U. */
function exactP(u: number, m: number, n: number): number {
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
  const smaller = Math.min(u, m * n - u);
  const tail = counts.reduce((sum, count, k) => (k <= smaller ? sum + count : sum), 0);
  return Math.min(1, (2 * tail) / total);
}
