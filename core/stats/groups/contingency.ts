import type { Said } from "../../words";
import { chiSquareUpperTail } from "../distributions";
import { StatsError } from "../errors";
import { checkTable } from "../input";
import { because } from "../types";

/** A table of counts: rows are groups, columns the categories of the outcome. */
export type CountTable = readonly (readonly number[])[];

/** A ratio, or one over 0. */
export type Ratio = { estimate: number } | { infinite: true };

export interface Contingency {
  n: number;
  /** Null when not estimable; `reason` then says why. */
  test: ChiSquare | null;
  /** With Yates' correction; null unless the table is 2 x 2 and estimable. */
  corrected: { chiSquare: number; p: number } | null;
  /** ad/bc of a 2 x 2 table; null for a larger one and for 0/0. */
  oddsRatio: Ratio | null;
  reason?: Said;
}

export interface ChiSquare {
  chiSquare: number;
  df: number;
  p: number;
  /** Smallest expected count: below 5 take Fisher's exact test. */
  minExpected: number;
  /** sqrt(X² / (n (min(r, c) - 1))), 0..1. */
  cramersV: number;
}

/**
 * Chi-square test of a contingency table: does the outcome differ between the groups?
 *
 * X² = sum (O - E)²/E on (r-1)(c-1) df (Pearson K. Phil Mag 1900;50:157-175); 2 x 2 also with the continuity correction
 * |O - E| - min(1/2, |O - E|) (Yates F. JRSS Suppl 1934;1:217-235, capped as in R); Cramer H. Mathematical Methods of
 * Statistics, 1946, 21.9. Two-sided by nature. Assumes independent units (patients or nodes, not images) and expected
 * counts of 5 or more. An empty row or column, and so an empty table or n = 1, is not estimable.
 * @example contingency([[3, 1], [1, 3]]).test?.p // 0.157
 * @throws StatsError when there are fewer than two rows or columns, rows differ in length, or a cell is not a count
 */
export function contingency(table: CountTable): Contingency {
  const { rows, columns, n } = marginsOf(table);
  const isFourfold = rows.length === 2 && columns.length === 2;
  const about = { n, oddsRatio: isFourfold ? crossProduct(table) : null };
  const empty = rows.includes(0) ? "row" : columns.includes(0) ? "column" : null;
  if (empty) return { ...about, test: null, corrected: null, reason: because("table_empty", { line: empty }) };

  const cells = table.flatMap((row, i) =>
    row.map((observed, j) => ({ observed, expected: ((rows[i] ?? 0) / n) * (columns[j] ?? 0) })),
  );
  const statistic = (correction: number) =>
    cells.reduce(
      (sum, { observed, expected }) => sum + (Math.abs(observed - expected) - correction) ** 2 / expected,
      0,
    );
  const chiSquare = statistic(0);
  const df = (rows.length - 1) * (columns.length - 1);
  const test = {
    chiSquare,
    df,
    p: chiSquareUpperTail(chiSquare, df),
    minExpected: Math.min(...cells.map(({ expected }) => expected)),
    cramersV: Math.sqrt(chiSquare / (n * (Math.min(rows.length, columns.length) - 1))),
  };
  if (!isFourfold) return { ...about, test, corrected: null };
  const gap = Math.min(...cells.map(({ observed, expected }) => Math.abs(observed - expected)));
  const yates = statistic(Math.min(0.5, gap));
  return { ...about, test, corrected: { chiSquare: yates, p: chiSquareUpperTail(yates, 1) } };
}

/** @throws StatsError as `contingency` */
export function marginsOf(table: CountTable): { rows: number[]; columns: number[]; n: number } {
  checkTable(table);
  const width = table[0]?.length ?? 0;
  if (table.length < 2 || width < 2)
    throw new StatsError("empty", `The table is ${table.length} x ${width}; give it two rows and two columns.`);
  const rows = table.map((row) => row.reduce((sum, cell) => sum + cell, 0));
  const columns = Array.from({ length: width }, (_, j) => table.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  return { rows, columns, n: rows.reduce((sum, value) => sum + value, 0) };
}

function crossProduct([[a = 0, b = 0] = [], [c = 0, d = 0] = []]: CountTable): Ratio | null {
  if (b * c > 0) return { estimate: (a * d) / (b * c) };
  return a * d > 0 ? { infinite: true } : null;
}
