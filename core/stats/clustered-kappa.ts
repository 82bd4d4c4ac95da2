import { fewClusters, numberClusters } from "./clusters";
import { z95 } from "./distributions";
import { cohenKappa } from "./kappa";

/**
 * Cohen's kappa of two binary raters on units (images) that come in clusters (patients), interval by the delete-one-cluster jackknife.
 *
 * SE^2 = (G-1)/G sum (kappa_(-g) - mean)^2 (Yang Z, Zhou M. Stat Med 2014;33:2612-2628 compare it with their delta method); the interval
 * is not clipped. Clusters are independent; with fewer than 30 a caution says so. Not estimable as in `cohenKappa`; one cluster, or a
 * kappa that hangs on a single cluster, has no interval.
 * @param options.first 0/1 of the first rater, one a unit; `second` likewise
 * @throws StatsError when lengths differ
 */
export function clusteredKappa(options: {
  first: readonly number[];
  second: readonly number[];
  cluster: readonly (string | number)[];
  method?: string;
}) {
  const { first, second, cluster, method = "Cohen's kappa, cluster jackknife" } = options;
  const table = crossed(first, second);
  const { n, observed, kappa } = cohenKappa({ table, method });
  const clusters = numberClusters(cluster, first.length);
  if (kappa.estimate === null) return { n, table, observed, kappa };
  const without = (caution: string) => ({
    n,
    table,
    observed,
    kappa: { estimate: kappa.estimate, lower: null, upper: null, method, n, caution },
  });
  if (clusters.count < 2) return without("all images are of one cluster: there is no variance between clusters");
  const own = Array.from({ length: clusters.count }, () => [
    [0, 0],
    [0, 0],
  ]);
  for (const [i, number] of clusters.of.entries()) {
    const row = own[number]?.[first[i] === 1 ? 0 : 1];
    const column = second[i] === 1 ? 0 : 1;
    if (row) row[column] = (row[column] ?? 0) + 1;
  }
  const deleted = own.map(
    (part) =>
      cohenKappa({ table: table.map((row, i) => row.map((cell, j) => cell - (part[i]?.[j] ?? 0))) }).kappa.estimate,
  );
  const known = deleted.filter((value) => value !== null);
  if (known.length < deleted.length) return without("without one of the clusters kappa is not estimable");
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const spread = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = z95 * Math.sqrt(((known.length - 1) / known.length) * spread);
  if (half === 0) return without("every cluster agrees alike: the interval is not informative");
  const interval = { estimate: kappa.estimate, lower: kappa.estimate - half, upper: kappa.estimate + half };
  return { n, table, observed, kappa: { ...interval, method, n, ...fewClusters(clusters.count) } };
}

/** [[both positive, only the first], [only the second, both negative]] */
function crossed(first: readonly number[], second: readonly number[]): number[][] {
  const count = (a: number, b: number) => first.filter((value, i) => value === a && second[i] === b).length;
  return [
    [count(1, 1), count(1, 0)],
    [count(0, 1), count(0, 0)],
  ];
}
