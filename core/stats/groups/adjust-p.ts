import { StatsError } from "../errors";

export type Adjustment = "bonferroni" | "holm" | "hochberg" | "hommel" | "bh" | "by";

/**
 * P values of one family adjusted for multiplicity, in input order, capped at 1.
 *
 * Family-wise error: Bonferroni; Holm S. Scand J Stat 1979;6:65-70; Hochberg Y. Biometrika 1988;75:800-802 and Hommel G. Biometrika
 * 1988;75:383-386 (both assume independent or positively dependent tests). False discovery rate: Benjamini Y, Hochberg Y. JRSS B
 * 1995;57:289-300 (`bh`); Benjamini Y, Yekutieli D. Ann Stat 2001;29:1165-1188 (`by`, any dependence). A null (a comparison without a
 * test) stays null and does not count in the family.
 * @example adjustP([0.01, 0.02, 0.03], "holm")[2] // 0.04
 * @throws StatsError when a P value lies outside 0..1
 */
export function adjustP(values: readonly (number | null)[], method: Adjustment): (number | null)[] {
  const tested = values.flatMap((p, index) => {
    if (p === null) return [];
    if (!(p >= 0 && p <= 1)) throw new StatsError("out_of_range", `p[${index}] is ${p}; it must lie in 0..1.`, index);
    return [{ p, index }];
  });
  tested.sort((a, b) => a.p - b.p);
  const ascending = tested.map(({ p }) => p);
  const adjusted = methods[method](ascending);
  const result: (number | null)[] = values.map(() => null);
  for (const [rank, { index }] of tested.entries()) result[index] = Math.min(1, adjusted[rank] ?? 1);
  return result;
}

/** From P values in ascending order to adjusted ones; m is the size of the family, rank counts from 0. */
const methods: Readonly<Record<Adjustment, (p: readonly number[]) => number[]>> = {
  bonferroni: (p) => p.map((value) => value * p.length),
  holm: (p) =>
    cumulative(
      p.map((value, rank) => value * (p.length - rank)),
      Math.max,
    ),
  hochberg: (p) => stepUp(p, (rank, m) => m - rank),
  bh: (p) => stepUp(p, (rank, m) => m / (rank + 1)),
  by: (p) => {
    const harmonic = p.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0);
    return stepUp(p, (rank, m) => (harmonic * m) / (rank + 1));
  },
  hommel,
};

function cumulative(values: readonly number[], choose: (a: number, b: number) => number): number[] {
  let soFar = values[0] ?? 0;
  return values.map((value) => {
    soFar = choose(soFar, value);
    return soFar;
  });
}

const stepUp = (p: readonly number[], factor: (rank: number, m: number) => number): number[] =>
  cumulative(p.map((value, rank) => value * factor(rank, p.length)).reverse(), Math.min).reverse();

/** Hommel's procedure as adjusted values: Wright SP. Biometrics 1992;48:1005-1013. */
function hommel(p: readonly number[]): number[] {
  const m = p.length;
  const at = (rank: number) => p[rank] ?? 1;
  let adjusted = p.map(() => Math.min(...p.map((value, rank) => (m * value) / (rank + 1))));
  for (let size = m - 1; size > 1; size--) {
    const split = m - size + 1;
    const smallest = Math.min(...Array.from({ length: size - 1 }, (_, j) => (size * at(split + j)) / (j + 2)));
    const q = p.map((value, rank) => (rank < split ? Math.min(size * value, smallest) : 0));
    const last = q[split - 1] ?? 0;
    adjusted = adjusted.map((value, rank) => Math.max(value, rank < split ? (q[rank] ?? 0) : last));
  }
  return adjusted.map((value, rank) => Math.max(value, at(rank)));
}
