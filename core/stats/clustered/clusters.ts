import type { Said } from "../../words";
import { studentQuantile } from "../distributions";
import { StatsError } from "../errors";
import { because } from "../types";

export type Ids = ArrayLike<string | number>;

/** The cluster (patient, node) of each unit, numbered 0, 1, ... in order of first appearance. */
export interface Clusters {
  of: Int32Array;
  count: number;
}

/**
 * @param ids one cluster id a unit
 * @param n units there must be
 * @throws StatsError when there is not one id a unit
 */
export function numberClusters(ids: Ids, n: number): Clusters {
  if (ids.length !== n)
    throw new StatsError(
      "length_mismatch",
      `${ids.length} cluster ids for ${n} units; give one cluster a unit.`,
      Math.min(ids.length, n),
    );
  return (ids instanceof Int32Array ? renumber(ids) : null) ?? number(ids);
}

function number(ids: Ids): Clusters {
  const numbers = new Map<string | number, number>();
  const of = Int32Array.from(ids, (id) => {
    const known = numbers.get(id) ?? numbers.size;
    numbers.set(id, known);
    return known;
  });
  return { of, count: numbers.size };
}

/** The same of small whole numbers, such as come from here, without a search; null of others. */
function renumber(numbers: Int32Array): Clusters | null {
  const n = numbers.length;
  let most = -1;
  for (let i = 0; i < n; i++) {
    const each = numbers[i] ?? 0;
    if (each < 0) return null;
    if (each > most) most = each;
  }
  if (most >= Math.max(n, 2 ** 16)) return null;
  /** One more than the number given; 0: none yet. */
  const given = new Int32Array(most + 1);
  const of = new Int32Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    const each = numbers[i] ?? 0;
    const before = given[each] ?? 0;
    of[i] = before === 0 ? count : before - 1;
    if (before === 0) given[each] = ++count;
  }
  return { of, count };
}

/** How many clusters have a unit of a class; `cluster` is one id a unit. */
export function clustersOfClass(wanted: number, truth: ArrayLike<number>, cluster: Ids): number {
  const found = new Set<string | number | undefined>();
  for (let i = 0; i < cluster.length; i++) if (truth[i] === wanted) found.add(cluster[i]);
  return found.size;
}

/** How many have one of the class that has fewer. */
export const clustersOfSmallerClass = (truth: ArrayLike<number>, cluster: Ids): number =>
  Math.min(...[0, 1].map((wanted) => clustersOfClass(wanted, truth, cluster)));

/** The quantile of a two-sided 95 % interval with a variance between this many clusters: Student's with one less degree of freedom. */
export const quantileOfClusters = (count: number): number => studentQuantile(0.975, count - 1);

/** A caution for fewer clusters than sandwich variances are trusted with (Cameron AC, Miller DL. J Hum Resour 2015;50:317-372; VALIDATION.md). */
export function fewClusters(count: number): { caution?: Said } {
  return count < 40 ? { caution: because("few_clusters", { count }) } : {};
}
