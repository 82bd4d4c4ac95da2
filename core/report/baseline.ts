import { contingency } from "../stats/groups/contingency";
import { freemanHalton } from "../stats/groups/freeman-halton";
import { mannWhitney } from "../stats/groups/mann-whitney";
import { tTest } from "../stats/groups/t-test";
import { quantileOf } from "../stats/quantile";
import type { BaselineRow, BaselineTable, Summary } from "./records";

/** One thing that is known of each unit (patient or lesion): a number, or the key of an option; null: missing. */
export type BaselineItem =
  | { kind: "number"; key: string; label: string; unit: string | null; decimals: number }
  | { kind: "choice"; key: string; label: string; options: readonly { key: string; label: string }[] };

/** A patient or lesion with its truth: 1 = positive. */
export interface BaselineUnit {
  truth: 0 | 1;
  values: Readonly<Record<string, number | string | null | undefined>>;
}

/** A figure of all units, the positive and the negative ones. */
interface ByTruth<T> {
  all: T;
  positive: T;
  negative: T;
}

/**
 * Units by truth, item by item (Table 1): mean, SD, median and quartiles (type 7) with Welch's t and Mann-Whitney; counts with the chi-square test, in whose place
 * `withExactTests` puts Fisher's. P values are two-sided and not adjusted; values that are missing are counted and left out.
 * The standardised difference (positive less negative, absolute) of a number is over the root of the mean of both variances (Austin PC. Stat Med
 * 2009;28:3083-3107), of a choice the Mahalanobis distance of both rows of fractions (Yang D, Dalton JE. SAS Global Forum 2012;335).
 * @param options.tested false: units of one patient are alike, so no test is made
 */
export function baselineTable(options: {
  items: readonly BaselineItem[];
  units: readonly BaselineUnit[];
  tested: boolean;
}): BaselineTable {
  const { items, units, tested } = options;
  const rows = items.map((item) =>
    item.kind === "number" ? rowOfNumbers(item, units, tested) : rowOfChoices(item, units, tested),
  );
  return { n: byTruth(units, (of) => of.length), tested, rows };
}

/**
 * The table with Fisher's exact test (Freeman-Halton) for the counts of which one is expected below 5, as far as their tables can be enumerated. That can take many
 * seconds, and needs nothing but the counts: it is done where nobody waits.
 */
export const withExactTests = (table: BaselineTable): BaselineTable => ({
  ...table,
  rows: table.rows.map((row) => {
    if (row.kind === "number" || row.test === null) return row;
    const counts = countsOf(row.levels);
    const { minExpected } = contingency(counts).test ?? { minExpected: Number.POSITIVE_INFINITY };
    const p = minExpected < 5 ? freemanHalton(counts).p : null;
    return p === null ? row : { ...row, test: "fisher", p };
  }),
});

/** A row the positive, a row the negative units, of the options that somebody has. */
function countsOf(levels: readonly { count: ByTruth<number> }[]): number[][] {
  const met = levels.filter(({ count }) => count.all > 0);
  return [met.map(({ count }) => count.positive), met.map(({ count }) => count.negative)];
}

function byTruth<T>(units: readonly BaselineUnit[], figure: (of: readonly BaselineUnit[]) => T): ByTruth<T> {
  return {
    all: figure(units),
    positive: figure(units.filter(({ truth }) => truth === 1)),
    negative: figure(units.filter(({ truth }) => truth === 0)),
  };
}

const lacking = (key: string) => (of: readonly BaselineUnit[]) =>
  of.filter(({ values }) => values[key] === null || values[key] === undefined).length;

function rowOfNumbers(
  item: Extract<BaselineItem, { kind: "number" }>,
  units: readonly BaselineUnit[],
  tested: boolean,
): BaselineRow {
  const valuesOf = (of: readonly BaselineUnit[]) =>
    of.flatMap(({ values }) => (typeof values[item.key] === "number" ? [Number(values[item.key])] : []));
  const values = byTruth(units, valuesOf);
  const summary = { all: summed(values.all), positive: summed(values.positive), negative: summed(values.negative) };
  const { positive, negative } = values;
  const compared = tested && positive.length > 0 && negative.length > 0;
  const ranks = compared ? mannWhitney({ first: positive, second: negative, tail: "two-sided" }) : null;
  return {
    ...item,
    missing: byTruth(units, lacking(item.key)),
    summary,
    pMeans: compared ? tTest({ first: positive, second: negative, variances: "welch", tail: "two-sided" }).p : null,
    pRanks: ranks && (ranks.pExact ?? ranks.pNormalCorrected),
    smd: distanceOfMeans(summary.positive, summary.negative),
  };
}

function summed(values: readonly number[]): Summary | null {
  const n = values.length;
  if (n === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((p) => quantileOf(sorted, p));
  return {
    n,
    mean,
    sd: n < 2 ? null : Math.sqrt(squares / (n - 1)),
    median: median ?? mean,
    q1: q1 ?? mean,
    q3: q3 ?? mean,
  };
}

function distanceOfMeans(first: Summary | null, second: Summary | null): number | null {
  if (typeof first?.sd !== "number" || typeof second?.sd !== "number") return null;
  const spread = Math.sqrt((first.sd ** 2 + second.sd ** 2) / 2);
  return spread > 0 ? Math.abs(first.mean - second.mean) / spread : null;
}

function rowOfChoices(
  item: Extract<BaselineItem, { kind: "choice" }>,
  units: readonly BaselineUnit[],
  tested: boolean,
): BaselineRow {
  const countOf = (of: readonly BaselineUnit[], key: string) =>
    of.filter(({ values }) => values[item.key] === key).length;
  const missing = lacking(item.key);
  const levels = item.options.map(({ key, label }) => ({
    key,
    label,
    count: byTruth(units, (of) => countOf(of, key)),
    share: byTruth(units, (of) => {
      const known = of.length - missing(of);
      return known > 0 ? countOf(of, key) / known : null;
    }),
  }));
  const table = countsOf(levels);
  const outcome = tested && (table[0]?.length ?? 0) > 1 ? contingency(table).test : null;
  return {
    kind: "choice",
    key: item.key,
    label: item.label,
    levels,
    missing: byTruth(units, missing),
    test: outcome && "chi-square",
    p: outcome?.p ?? null,
    smd: distanceOfShares(table),
  };
}

/** Null where a group is empty, all units are of one option, or the fractions leave no variance. */
function distanceOfShares([first = [], second = []]: readonly number[][]): number | null {
  const [m, n] = [first, second].map((counts) => counts.reduce((sum, count) => sum + count, 0));
  if (!m || !n || first.length < 2) return null;
  const shares = first.slice(1).map((_, i) => [(first[i + 1] ?? 0) / m, (second[i + 1] ?? 0) / n] as const);
  const covariance = shares.map(([p, q], i) =>
    shares.map(([r, s], j) => (i === j ? p * (1 - p) + q * (1 - q) : -p * r - q * s) / 2),
  );
  const gaps = shares.map(([p, q]) => p - q);
  const solved = solve(covariance, gaps);
  if (!solved) return null;
  return Math.sqrt(
    Math.max(
      0,
      gaps.reduce((sum, gap, i) => sum + gap * (solved[i] ?? 0), 0),
    ),
  );
}

/** Gaussian elimination with pivots; null for a singular matrix. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const size = rows.length;
  for (let at = 0; at < size; at++) {
    const pivot = rows
      .slice(at)
      .reduce((best, row, i) => (Math.abs(row[at] ?? 0) > Math.abs(rows[best]?.[at] ?? 0) ? at + i : best), at);
    const [top, other] = [rows[at], rows[pivot]];
    if (!top || !other || Math.abs(other[at] ?? 0) < 1e-12) return null;
    rows[at] = other;
    rows[pivot] = top;
    for (const row of rows) {
      if (row === other) continue;
      const factor = (row[at] ?? 0) / (other[at] ?? 1);
      for (let j = at; j <= size; j++) row[j] = (row[j] ?? 0) - factor * (other[j] ?? 0);
    }
  }
  return rows.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1));
}
