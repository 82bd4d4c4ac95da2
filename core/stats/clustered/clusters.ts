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
  const small = Math.max(n, 2 ** 16);
  return ids instanceof Int32Array && ids.every((id) => id >= 0 && id < small) ? renumber(ids) : number(ids);
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

/** The same of small whole numbers, such as come from here: without a search. */
function renumber(numbers: Int32Array): Clusters {
  const known = new Int32Array(numbers.reduce((most, each) => Math.max(most, each), -1) + 1).fill(-1);
  let count = 0;
  const of = numbers.map((each) => {
    if (known[each] === -1) known[each] = count++;
    return known[each] ?? 0;
  });
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
