import { z95 } from "./distributions";
import { count, StatsError } from "./errors";
import { type Estimate, notEstimable } from "./types";

/**
 * Cohen's kappa of two raters with the large-sample (non-null) standard error and its 95 % interval, not clipped.
 *
 * Formula: (po - pe) / (1 - pe). Source: Cohen, Educ Psychol Meas 1960;20:37; standard error Fleiss, Cohen, Everitt, Psychol Bull 1969;72:323, eq. 13.
 * Assumes independent cases. Chance agreement of 1 (both raters constant and equal): not estimable.
 * @param table table[i][j]: how many cases the first rater put into category i and the second into j
 */
export function cohenKappa(table: readonly (readonly number[])[]): {
  kappa: Estimate;
  observed: number | null;
  standardError: number | null;
} {
  const k = table.length;
  for (const [i, row] of table.entries()) {
    if (row.length !== k)
      throw new StatsError("lengths_differ", `row ${i} of the table has ${row.length} columns, not ${k}.`, i);
    for (const [j, value] of row.entries()) count(value, `table[${i}][${j}]`);
  }
  const n = table.flat().reduce((sum, value) => sum + value, 0);
  const method = "Cohen's kappa, Fleiss-Cohen-Everitt standard error, images as independent";
  if (n === 0)
    return { kappa: notEstimable("no case was rated by both", method, 0), observed: null, standardError: null };
  const p = table.map((row) => row.map((value) => value / n));
  const rows = p.map((row) => row.reduce((sum, value) => sum + value, 0));
  const columns = rows.map((_, j) => p.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  const observed = p.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  const expected = rows.reduce((sum, row, i) => sum + row * (columns[i] ?? 0), 0);
  if (1 - expected < 1e-15)
    return {
      kappa: notEstimable("both raters gave every case the same category", method, n),
      observed,
      standardError: null,
    };
  const kappa = (observed - expected) / (1 - expected);
  let variance = -((kappa - expected * (1 - kappa)) ** 2);
  for (const [i, row] of p.entries()) {
    for (const [j, value] of row.entries()) {
      const margins = (columns[i] ?? 0) + (rows[j] ?? 0);
      variance += i === j ? value * (1 - margins * (1 - kappa)) ** 2 : value * (1 - kappa) ** 2 * margins ** 2;
    }
  }
  const standardError = Math.sqrt(Math.max(0, variance) / n) / (1 - expected);
  const half = z95 * standardError;
  return { kappa: { estimate: kappa, lower: kappa - half, upper: kappa + half, method, n }, observed, standardError };
}
