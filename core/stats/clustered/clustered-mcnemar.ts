import type { Said } from "../../words";
import { chiSquareUpperTail, studentTwoSidedP, z95 } from "../distributions";
import { StatsError } from "../errors";
import { checkCounts, isCount } from "../input";
import { because, by, type Estimate, type Limits, notEstimable, type PairedCounts, withoutInterval } from "../types";
import { fewClusters, quantileOfClusters } from "./clusters";

/** A chi-square on 1 degree of freedom; null without discordant pairs. */
export type ClusteredTest = { chiSquare: number; p: number } | null;

export interface ClusteredMcNemar {
  clusters: number;
  /** Proportion of the first less that of the second; ratio-estimator variance, interval with t on clusters - 1, clipped to -1..1. */
  difference: Estimate;
  /** Estimate ± z SE, for many clusters, as it comes; null with one cluster. */
  unclipped: Limits | null;
  standardError: number | null;
  /** Two-sided, of the t test whose inversion the interval is; null where there is none. */
  p: number | null;
  unclustered: ClusteredTest;
  obuchowski: ClusteredTest;
  durkalski: ClusteredTest;
  eliasziwDonner: ClusteredTest;
  yang: ClusteredTest;
}

/**
 * Paired binary reads of units (images) that come in clusters (patients): the clustered McNemar tests.
 *
 * With b and c the discordant units of a cluster, n its units, K clusters and d = b - c:
 * Obuchowski ((K-1)/K) (sum d)^2 / sum d^2 (Stat Med 1998;17:1495-1507); Durkalski (sum d/n)^2 / sum (d/n)^2 (Stat Med
 * 2003;22:2417-2428); Eliasziw and Donner, McNemar's over 1 + (nc - 1) rho (Stat Med 1991;10:1981-1991); Yang, (sum d)^2 over
 * the mean of its null and its ratio-estimator variance (Biom J 2010;52:638-652). Clusters are independent; with fewer
 * than 40 a caution says so. No pair is not estimable; without discordant pairs there is no test.
 * @param clusters one table of counts a cluster; empty clusters are left out
 * @example clusteredMcNemar([{ both: 1, firstOnly: 2, secondOnly: 0, neither: 0 }, { both: 2, firstOnly: 0, secondOnly: 1, neither: 0 }]).difference.estimate // 0.1667
 * @throws StatsError when a count is not a whole number, 0 or more
 */
export function clusteredMcNemar(clusters: readonly PairedCounts[], options: { method?: Said } = {}): ClusteredMcNemar {
  const { method = by("paired_proportions") } = options;
  const tables = tablesOf(clusters);
  const difference = differenceOf(tables, method);
  const { clusters: K, estimate } = difference;
  const sum = (term: (table: Table) => number) => tables.reduce((total, table) => total + term(table), 0);
  const discordant = sum(({ b, c }) => b + c);
  const total = sum(({ b, c }) => b - c);
  const unclustered = discordant === 0 ? null : total ** 2 / discordant;
  const { estimate: _, ...about } = difference;
  const plain = unclustered === null ? null : tested(unclustered);
  if (unclustered === null || difference.standardError === null || estimate === null)
    return { ...about, unclustered: plain, obuchowski: null, durkalski: null, eliasziwDonner: null, yang: null };
  const underNull = sum(({ b, c }) => (b - c) ** 2);
  const aroundMean = sum(({ b, c, n: m }) => (b - c - estimate * m) ** 2);
  const inflation = eliasziwDonnerInflation(tables);
  return {
    ...about,
    unclustered: plain,
    obuchowski: tested((((K - 1) / K) * total ** 2) / underNull),
    durkalski: tested(sum(({ b, c, n: m }) => (b - c) / m) ** 2 / sum(({ b, c, n: m }) => ((b - c) / m) ** 2)),
    eliasziwDonner: inflation === null ? null : tested(unclustered / inflation),
    yang: tested((((K - 1) / K) * total ** 2) / ((underNull + aroundMean) / 2)),
  };
}

/**
 * The difference of `clusteredMcNemar` with its P, and none of the other tests.
 * @throws StatsError as `clusteredMcNemar`
 */
export function clusteredDifference(
  clusters: readonly PairedCounts[],
  { method }: { method: Said },
): Pick<ClusteredMcNemar, "difference" | "p"> {
  return differenceOf(tablesOf(clusters), method);
}

/** @throws StatsError when a count is not a whole number, 0 or more */
function tablesOf(clusters: readonly PairedCounts[]): Table[] {
  const tables: Table[] = [];
  for (const [index, { both: a, firstOnly: b, secondOnly: c, neither: d }] of clusters.entries()) {
    if (isCount(a) && isCount(b) && isCount(c) && isCount(d)) {
      if (a + b + c + d > 0) tables.push({ a, b, c, d, n: a + b + c + d });
      continue;
    }
    try {
      checkCounts({ both: a, firstOnly: b, secondOnly: c, neither: d });
    } catch (error) {
      if (error instanceof StatsError) throw new StatsError(error.code, `Cluster ${index}: ${error.message}`, index);
      throw error;
    }
  }
  return tables;
}

function differenceOf(
  tables: readonly Table[],
  method: Said,
): Pick<ClusteredMcNemar, "clusters" | "difference" | "unclipped" | "standardError" | "p"> & {
  estimate: number | null;
} {
  const K = tables.length;
  let [n, total] = [0, 0];
  for (const { b, c, n: m } of tables) {
    n += m;
    total += b - c;
  }
  if (n === 0) {
    const difference = notEstimable({ reason: because("no_unit_under_both"), method, n });
    return { clusters: 0, estimate: null, difference, unclipped: null, standardError: null, p: null };
  }
  const estimate = total / n;
  if (K < 2) {
    const difference = withoutInterval({ estimate, method, n, caution: because("one_cluster") });
    return { clusters: K, estimate, difference, unclipped: null, standardError: null, p: null };
  }
  let squares = 0;
  for (const { b, c, n: m } of tables) squares += (b - c - estimate * m) ** 2;
  const standardError = Math.sqrt((K / (K - 1)) * squares) / n;
  const unclipped: Limits = [estimate - z95 * standardError, estimate + z95 * standardError];
  const half = quantileOfClusters(K) * standardError;
  const isConstant = standardError < rounding;
  const difference: Estimate = isConstant
    ? withoutInterval({ estimate, method, n, caution: because("difference_no_interval") })
    : {
        estimate,
        lower: Math.max(-1, estimate - half),
        upper: Math.min(1, estimate + half),
        method,
        n,
        ...cautionOf(K, tables),
      };
  const p = isConstant ? null : studentTwoSidedP(estimate / standardError, K - 1);
  return { clusters: K, estimate, difference, unclipped, standardError, p };
}

/** With fewer clusters that have a discordant unit the interval is too narrow by simulation. */
const enoughDiscordant = 20;

function cautionOf(clusters: number, tables: readonly Table[]): { caution?: Said } {
  const discordant = tables.filter(({ b, c }) => b + c > 0).length;
  return clusters >= 40 && discordant < enoughDiscordant
    ? { caution: because("few_discordant", { discordant }) }
    : fewClusters(clusters);
}

/** A standard error of a share below this is rounding error. */
const rounding = 1e-14;

interface Table {
  a: number;
  b: number;
  c: number;
  d: number;
  n: number;
}

const tested = (chiSquare: number): ClusteredTest =>
  Number.isFinite(chiSquare) ? { chiSquare, p: chiSquareUpperTail(chiSquare, 1) } : null;

/** 1 + (nc - 1) rho, rho the correlation of discordance from the analysis of variance of the four cells; null where it has none. */
function eliasziwDonnerInflation(tables: readonly Table[]): number | null {
  const K = tables.length;
  const total = (of: (table: Table) => number) => tables.reduce((sum, table) => sum + of(table), 0);
  const N = total(({ n }) => n);
  const mean = N / K;
  const cells = (["a", "b", "c", "d"] as const).map((cell) => ({ cell, share: total((table) => table[cell]) / N }));
  const between =
    total((table) => cells.reduce((sum, { cell, share }) => sum + (table[cell] - table.n * share) ** 2, 0) / table.n) /
    K;
  const within =
    total((table) => cells.reduce((sum, { cell }) => sum + table[cell] * (table.n - table[cell]), 0) / table.n) /
    (K * (mean - 1));
  const n0 = mean - total(({ n }) => (n - mean) ** 2) / (K * (K - 1) * mean);
  const correlation = (between - within) / (between + (n0 - 1) * within);
  const discordantShare = total(({ b, c }) => b + c) / N;
  const rho = 1 / (1 + (discordantShare * (1 - correlation)) / correlation);
  const withDiscordant = tables.filter(({ b, c }) => b + c > 0).length;
  const average = total(({ b, c }) => b + c) / withDiscordant;
  const spread = total(({ b, c }) => (b + c - average) ** 2) - (K - withDiscordant) * average ** 2;
  const s0 = average - spread / (withDiscordant * (withDiscordant - 1) * average);
  const inflation = 1 + (s0 + withDiscordant * (average - s0) - 1) * rho;
  return Number.isFinite(inflation) && inflation > 0 ? inflation : null;
}
