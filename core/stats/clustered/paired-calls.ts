import type { PairedCounts } from "../types";

/** How units were called by two parties, counted by cluster: all that tests of paired calls look at. */
export interface PairedCalls {
  /** Units with a call of both. */
  n: number;
  /** Of each cluster eight counts, at 4 truth + 2 first + second. */
  counts: Int32Array;
}

export const cellsOfCluster = 8;

/**
 * @param options.truth 0/1, one a unit; so are the calls, NaN where there is none
 * @param options.cluster the number of each unit's cluster, from 0
 */
export function countPairedCalls(options: {
  truth: ArrayLike<number>;
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  cluster: Int32Array;
  clusters: number;
}): PairedCalls {
  const { truth, first, second, cluster, clusters } = options;
  const counts = new Int32Array(cellsOfCluster * clusters);
  let n = 0;
  for (let i = 0; i < cluster.length; i++) {
    const [a, b] = [first[i] ?? Number.NaN, second[i] ?? Number.NaN];
    if (Number.isNaN(a) || Number.isNaN(b)) continue;
    const at = cellsOfCluster * (cluster[i] ?? 0) + 4 * (truth[i] ?? 0) + 2 * a + b;
    counts[at] = (counts[at] ?? 0) + 1;
    n++;
  }
  return { n, counts };
}

/** Who was right of the units of some classes: a table a cluster that has one. */
export function rightByCluster({ counts }: PairedCalls, classes: readonly (0 | 1)[]): PairedCounts[] {
  const tables: PairedCounts[] = [];
  for (let from = 0; from < counts.length; from += cellsOfCluster) {
    const table = { both: 0, firstOnly: 0, secondOnly: 0, neither: 0 };
    for (const truth of classes) {
      const at = from + 4 * truth;
      table.both += counts[at + 3 * truth] ?? 0;
      table.firstOnly += counts[at + 1 + truth] ?? 0;
      table.secondOnly += counts[at + 2 - truth] ?? 0;
      table.neither += counts[at + 3 - 3 * truth] ?? 0;
    }
    if (table.both + table.firstOnly + table.secondOnly + table.neither > 0) tables.push(table);
  }
  return tables;
}
