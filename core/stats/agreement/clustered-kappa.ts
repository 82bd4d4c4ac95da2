import type { Said } from "../../words";
import { type Ids, numberClusters } from "../clustered/clusters";
import { cellsOfCluster, countPairedCalls, type PairedCalls } from "../clustered/paired-calls";
import { checkBinary, checkLengths } from "../input";
import { because, by, type Estimate, notEstimable, withoutInterval } from "../types";
import { artanhInterval } from "./artanh-interval";
import { agreementIndices, cohenKappa, gwetAc1 } from "./kappa";

export interface ClusteredKappa {
  n: number;
  /** [[both positive, only the first], [only the second, both negative]] */
  table: number[][];
  observed: number | null;
  kappa: Estimate;
  /** Gwet's AC1, which does not fall with prevalence as kappa does. */
  ac1: Estimate;
  /** Prevalence and bias index (`agreementIndices`); null when no unit was rated by both. */
  prevalenceIndex: number | null;
  biasIndex: number | null;
}

/**
 * Cohen's kappa of two binary raters on units (images) that come in clusters (patients), interval by the delete-one-cluster jackknife.
 *
 * SE^2 = (G-1)/G sum (kappa_(-g) - mean)^2 (Yang Z, Zhou M. Stat Med 2014;33:2612-2628 compare it with their delta method); the interval
 * is on the scale of artanh kappa (`artanhInterval`). Clusters are independent. Not estimable as in `cohenKappa`. Gwet's AC1 (`gwetAc1`) with an interval
 * of the same kind, and the indices that say why the two differ.
 * @param options.first 0/1 of the first rater, one a unit; `second` likewise
 * @example clusteredKappa({ first: [1, 1, 0, 0], second: [1, 0, 0, 0], cluster: [1, 2, 3, 4] }).kappa.estimate // 0.5
 * @throws StatsError when lengths differ or a value is not 0/1
 */
export function clusteredKappa(options: {
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  cluster: Ids;
  method?: Said;
  ac1Method?: Said;
}): ClusteredKappa {
  const { first, second, ...methods } = options;
  checkLengths({ first, second });
  checkBinary({ first, second });
  const { of: cluster, count: clusters } = numberClusters(options.cluster, first.length);
  const truth = new Uint8Array(first.length);
  return clusteredKappaOf(countPairedCalls({ truth, first, second, cluster, clusters }), methods);
}

/** The same from the calls counted by cluster, whatever the truth. */
export function clusteredKappaOf(
  calls: PairedCalls,
  { method = by("kappa_jackknife"), ac1Method = by("ac1_jackknife") }: { method?: Said; ac1Method?: Said },
): ClusteredKappa {
  const clusters = tablesOf(calls);
  const cells: Cells = [0, 0, 0, 0];
  for (const own of clusters) for (const cell of eachCell) cells[cell] += own[cell];
  const table = [cells.slice(0, 2), cells.slice(2)];
  const { n, observed, kappa } = cohenKappa({ table, weights: "unweighted", tail: "two-sided", method });
  if (n === 0) {
    const ac1 = notEstimable({ reason: because("no_unit_by_both"), method: ac1Method, n });
    return { n, table, observed, kappa, ac1, prevalenceIndex: null, biasIndex: null };
  }
  const [a, b, c, d] = cells;
  /** A coefficient of the table without each cluster. */
  const deleted = (coefficient: typeof kappaOf) =>
    clusters.length < 2 ? [] : clusters.map((own) => coefficient(a - own[0], b - own[1], c - own[2], d - own[3]));
  const ac1 = artanhInterval({ estimate: gwetAc1(table), deleted: deleted(ac1Of), method: ac1Method, n });
  const { prevalenceIndex, biasIndex } = agreementIndices(table);
  const beside = { ac1, prevalenceIndex, biasIndex };
  const { estimate } = kappa;
  if (estimate === null) return { n, table, observed, kappa, ...beside };
  const isConstant = [a + b, c + d, a + c, b + d].includes(0);
  if (isConstant) {
    const about = { estimate, method, n, caution: because("one_rater_constant") };
    return { n, table, observed, kappa: withoutInterval(about), ...beside };
  }
  return { n, table, observed, kappa: artanhInterval({ estimate, deleted: deleted(kappaOf), method, n }), ...beside };
}

/** Both positive, only the first, only the second, both negative. */
type Cells = [number, number, number, number];
const eachCell = [0, 1, 2, 3] as const;

/** Those of the clusters that have a unit. */
function tablesOf({ counts }: PairedCalls): Cells[] {
  const tables: Cells[] = [];
  for (let from = 0; from < counts.length; from += cellsOfCluster) {
    const table: Cells = [0, 0, 0, 0];
    for (const cell of eachCell) table[cell] = (counts[from + 3 - cell] ?? 0) + (counts[from + 7 - cell] ?? 0);
    if (table[0] + table[1] + table[2] + table[3] > 0) tables.push(table);
  }
  return tables;
}

/** Cohen's kappa of a table of counts, and nothing beside it; null where `cohenKappa` has none. */
function kappaOf(a: number, b: number, c: number, d: number): number | null {
  const n = a + b + c + d;
  const byChance = (a + b) * (a + c) + (c + d) * (b + d);
  return byChance === n * n ? null : (n * (a + d) - byChance) / (n * n - byChance);
}

/** Gwet's AC1 of a table of counts, and nothing beside it; null of an empty one. */
function ac1Of(a: number, b: number, c: number, d: number): number | null {
  const n = a + b + c + d;
  if (n === 0) return null;
  const positive = (2 * a + b + c) / (2 * n);
  const byChance = 2 * positive * (1 - positive);
  return ((a + d) / n - byChance) / (1 - byChance);
}
