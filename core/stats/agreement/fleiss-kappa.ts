import type { Said } from "../../words";
import { type Ids, numberClusters } from "../clustered/clusters";
import { normalP } from "../distributions";
import { StatsError } from "../errors";
import { checkTable } from "../input";
import { because, by, type Estimate, notEstimable, type Tail } from "../types";
import { artanhInterval } from "./artanh-interval";

export interface FleissKappa {
  /** Subjects. */
  n: number;
  raters: number;
  /** Mean share of agreeing pairs of raters. */
  observed: number | null;
  expected: number | null;
  /** Interval by the jackknife over subjects, or over clusters. */
  kappa: Estimate;
  /** Under kappa = 0: for the test, not for an interval. */
  nullStandardError: number | null;
  z: number | null;
  p: number | null;
  /** One a category. Null where no rating, or every rating, is of that category. */
  categories: (CategoryKappa | null)[];
  /** Of every category's kappa, under kappa = 0. */
  categoryNullStandardError: number | null;
}

export interface CategoryKappa {
  kappa: number;
  z: number;
  p: number;
}

/**
 * Fleiss' kappa: agreement of m raters on nominal categories, and on each category against the rest.
 *
 * kappa = (P - Pe)/(1 - Pe), P = sum x(x-1)/(n m (m-1)), Pe = sum p_j²; by category 1 - sum x_j (m - x_j)/(n m (m-1)
 * p_j q_j): Fleiss JL. Psychol Bull 1971;76:378-382. Standard errors under no agreement: Fleiss JL, Nee
 * JCM, Landis JR. Psychol Bull 1979;86:974-977. Interval: delete-one jackknife, SE² = (G-1)/G sum (kappa_(-g) - mean)²,
 * on the scale of artanh kappa (Efron B, Tibshirani RJ. An Introduction to the Bootstrap, 1993, eq. 11.5; `artanhInterval`). Assumes independent subjects,
 * or independent clusters where they are given; the test always takes subjects as independent. The raters may differ
 * between subjects; their number may not. All ratings of one category (chance agreement 1), no subject, or fewer than
 * two raters: not estimable. One subject or cluster, or a kappa that hangs on a single one: no interval.
 * @param options.counts one row a subject: how many raters chose each category
 * @param options.cluster one id a subject (patient); null: every subject is its own
 * @param options.tail of the tests of kappa = 0
 * @example fleissKappa({ counts: [[3, 0], [0, 3], [2, 1]], cluster: null, tail: "two-sided" }).kappa.estimate // 0.55
 * @throws StatsError when the number of raters differs between subjects, a cell is not a count, or there is not one
 * cluster a subject
 */
export function fleissKappa(options: {
  counts: readonly (readonly number[])[];
  cluster: Ids | null;
  tail: Tail;
  method?: Said;
}): FleissKappa {
  const { counts, cluster, tail, method = by("fleiss_kappa", { what: cluster ? "cluster" : "subject" }) } = options;
  const n = counts.length;
  const raters = ratersOf(counts);
  const clusters = numberClusters(cluster ?? counts.map((_, i) => i), n);
  const none = {
    n,
    raters,
    nullStandardError: null,
    z: null,
    p: null,
    categories: [],
    categoryNullStandardError: null,
  };
  const unknown = { ...none, observed: null, expected: null };
  if (n === 0) return { ...unknown, kappa: notEstimable({ reason: because("no_subject_rated"), method, n }) };
  if (raters < 2) return { ...unknown, kappa: notEstimable({ reason: because("fewer_than_two_raters"), method, n }) };

  const total = tallyOf(counts, raters);
  const { observed, expected, estimate } = kappaOf(total, raters);
  if (estimate === null) {
    const reason = because("ratings_one_category");
    return { ...none, observed, expected, kappa: notEstimable({ reason, method, n }) };
  }
  const pairs = n * raters * (raters - 1);
  const all = n * raters;
  const shares = total.ratings.map((ratings) => ({ p: ratings / all, rest: (all - ratings) / all }));
  const spread = shares.reduce((sum, { p, rest }) => sum + p * rest, 0);
  const skew = shares.reduce((sum, { p, rest }) => sum + p * rest * (rest - p), 0);
  const nullStandardError = (Math.sqrt(2 / pairs) * Math.sqrt(spread ** 2 - skew)) / spread;
  const categoryNullStandardError = Math.sqrt(2 / pairs);
  const z = estimate / nullStandardError;
  return {
    n,
    raters,
    observed,
    expected,
    kappa: artanhInterval({
      estimate,
      deleted: deletions(counts, clusters.of, clusters.count, total, raters),
      method,
      n,
    }),
    nullStandardError,
    z,
    p: normalP(z, tail),
    categories: shares.map(({ p, rest }, j) => {
      if (p === 0 || rest === 0) return null;
      const split = counts.reduce((sum, row) => sum + (row[j] ?? 0) * (raters - (row[j] ?? 0)), 0);
      const kappa = 1 - split / (pairs * p * rest);
      const ratio = kappa / categoryNullStandardError;
      return { kappa, z: ratio, p: normalP(ratio, tail) };
    }),
    categoryNullStandardError,
  };
}

/** What kappa needs of some subjects: their number, pairs of ratings that disagree (each counted twice), ratings by category. */
interface Tally {
  subjects: number;
  split: number;
  ratings: number[];
}

function ratersOf(counts: readonly (readonly number[])[]): number {
  checkTable(counts);
  const [first = 0, ...others] = counts.map((row) => row.reduce((sum, cell) => sum + cell, 0));
  for (const [index, raters] of others.entries()) {
    if (raters !== first) {
      const message = `Subject ${index + 1} has ${raters} ratings, subject 0 has ${first}; they must be as many.`;
      throw new StatsError("length_mismatch", message, index + 1);
    }
  }
  return first;
}

const tallyOf = (counts: readonly (readonly number[])[], raters: number): Tally => ({
  subjects: counts.length,
  split: counts.flat().reduce((sum, cell) => sum + cell * (raters - cell), 0),
  ratings: (counts[0] ?? []).map((_, j) => counts.reduce((sum, row) => sum + (row[j] ?? 0), 0)),
});

function kappaOf({ subjects, split, ratings }: Tally, raters: number) {
  const all = subjects * raters;
  const observedApart = split / (all * (raters - 1));
  const expectedApart = ratings.reduce((sum, value) => sum + (value / all) * ((all - value) / all), 0);
  const estimate = expectedApart === 0 ? null : 1 - observedApart / expectedApart;
  return { observed: 1 - observedApart, expected: 1 - expectedApart, estimate };
}

/** Kappa without each cluster; null where it is not estimable. */
function deletions(
  counts: readonly (readonly number[])[],
  of: Int32Array,
  count: number,
  total: Tally,
  raters: number,
): (number | null)[] {
  if (count < 2) return [];
  const members: (readonly number[])[][] = Array.from({ length: count }, () => []);
  for (const [i, row] of counts.entries()) members[of[i] ?? 0]?.push(row);
  return members.map((rows) => {
    const own = tallyOf(rows, raters);
    const rest = {
      subjects: total.subjects - own.subjects,
      split: total.split - own.split,
      ratings: total.ratings.map((value, j) => value - (own.ratings[j] ?? 0)),
    };
    return kappaOf(rest, raters).estimate;
  });
}
