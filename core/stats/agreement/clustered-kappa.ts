import type { Said } from "../../words";
import { fewClusters, type Ids, numberClusters } from "../clustered/clusters";
import { jackknifeStandardError } from "../clustered/jackknife";
import { z95 } from "../distributions";
import { checkBinary, checkLengths } from "../input";
import { because, by, type Estimate, withoutInterval } from "../types";
import { cohenKappa } from "./kappa";

export interface ClusteredKappa {
  n: number;
  /** [[both positive, only the first], [only the second, both negative]] */
  table: number[][];
  observed: number | null;
  kappa: Estimate;
}

/**
 * Cohen's kappa of two binary raters on units (images) that come in clusters (patients), interval by the delete-one-cluster jackknife.
 *
 * SE^2 = (G-1)/G sum (kappa_(-g) - mean)^2 (Yang Z, Zhou M. Stat Med 2014;33:2612-2628 compare it with their delta method); the interval
 * is on the scale of artanh kappa, so that it stays within -1..1. Clusters are independent; with fewer than 40 a caution says so. Not estimable as
 * in `cohenKappa`; one cluster, or a kappa that hangs on a single cluster, has no interval.
 * @param options.first 0/1 of the first rater, one a unit; `second` likewise
 * @example clusteredKappa({ first: [1, 1, 0, 0], second: [1, 0, 0, 0], cluster: [1, 2, 3, 4] }).kappa.estimate // 0.5
 * @throws StatsError when lengths differ or a value is not 0/1
 */
export function clusteredKappa(options: {
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  cluster: Ids;
  method?: Said;
}): ClusteredKappa {
  const { first, second, cluster, method = by("kappa_jackknife") } = options;
  checkLengths({ first, second });
  checkBinary({ first, second });
  const clusters = numberClusters(cluster, first.length);
  /** The four cells of the table, and of that of each cluster. */
  const cells = [0, 0, 0, 0];
  const own = new Float64Array(4 * clusters.count);
  for (let i = 0; i < clusters.of.length; i++) {
    const cell = (first[i] === 1 ? 0 : 2) + (second[i] === 1 ? 0 : 1);
    const at = 4 * (clusters.of[i] ?? 0) + cell;
    cells[cell] = (cells[cell] ?? 0) + 1;
    own[at] = (own[at] ?? 0) + 1;
  }
  const table = [cells.slice(0, 2), cells.slice(2)];
  const { n, observed, kappa } = cohenKappa({ table, weights: "unweighted", tail: "two-sided", method });
  if (kappa.estimate === null) return { n, table, observed, kappa };
  const { estimate } = kappa;
  const alone = (caution: Said) => {
    return { n, table, observed, kappa: withoutInterval({ estimate, method, n, caution }) };
  };
  if (clusters.count < 2) return alone(because("images_one_cluster"));
  const without = (cluster: number, cell: number) => (cells[cell] ?? 0) - (own[4 * cluster + cell] ?? 0);
  const deleted = Array.from({ length: clusters.count }, (_, g) =>
    kappaOf(without(g, 0), without(g, 1), without(g, 2), without(g, 3)),
  );
  const standardError = jackknifeStandardError(deleted);
  if (standardError === null) return alone(because("kappa_without_cluster"));
  if (standardError === 0 || Math.abs(estimate) >= 1) return alone(because("clusters_agree_alike"));
  // The delta method on artanh kappa.
  const half = (z95 * standardError) / (1 - estimate ** 2);
  const limit = (step: number) => Math.tanh(Math.atanh(estimate) + step);
  const interval = { estimate, lower: limit(-half), upper: limit(half) };
  return { n, table, observed, kappa: { ...interval, method, n, ...fewClusters(clusters.count) } };
}

/** Cohen's kappa of a table of counts, and nothing beside it; null where `cohenKappa` has none. */
function kappaOf(a: number, b: number, c: number, d: number): number | null {
  const n = a + b + c + d;
  const byChance = (a + b) * (a + c) + (c + d) * (b + d);
  return byChance === n * n ? null : (n * (a + d) - byChance) / (n * n - byChance);
}
