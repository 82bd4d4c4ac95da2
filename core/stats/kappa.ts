import { z95 } from "./distributions";
import { StatsError } from "./errors";
import { checkCounts } from "./input";
import { type Estimate, notEstimable } from "./types";

export type KappaWeights = "unweighted" | "linear" | "quadratic";

type KappaOptions = (
  | { table: readonly (readonly number[])[] }
  | { first: readonly number[]; second: readonly number[] }
) & {
  weights?: KappaWeights;
  method?: string;
};

/** Below this, a sum of terms of order 1 is rounding error. */
const rounding = 1e-14;

/**
 * Cohen's kappa of two raters with the large-sample, non-null standard error; the interval is not clipped.
 *
 * kappa = (po - pe) / (1 - pe) (Cohen J. Educ Psychol Meas 1960;20:37-46; weighted: Psychol Bull 1968;70:213-220); variance by
 * Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327. Linear weights 1 - |i-j|/(k-1),
 * quadratic 1 - (i-j)²/(k-1)². Assumes independent units. Chance agreement 1 (both raters constant and equal) or no unit at all is
 * not estimable; perfect agreement has an interval of no width, with a caution.
 * @param options.table rows: first rater, columns: second, categories in order; or both raters' categories, unit by unit
 * @throws StatsError when the table is not square, a cell is not a count, or the raters differ in length
 */
export function cohenKappa(options: KappaOptions) {
  const { weights = "unweighted", method = "Cohen's kappa, Fleiss-Cohen-Everitt" } = options;
  const table = "table" in options ? options.table : crossTable(options.first, options.second);
  const k = table.length;
  for (const [index, row] of table.entries()) {
    if (row.length !== k)
      throw new StatsError("length_mismatch", `Row ${index} has ${row.length} cells; ${k} rows need ${k}.`, index);
    checkCounts(Object.fromEntries(row.map((cell, j) => [`table[${index}][${j}]`, cell])));
  }
  const n = table.flat().reduce((sum, cell) => sum + cell, 0);
  const none = { n, table, observed: null, expected: null, standardError: null };
  if (n === 0) return { ...none, kappa: notEstimable({ reason: "no unit was rated by both", method, n }) };

  const p = table.map((row) => row.map((cell) => cell / n));
  const rows = p.map((row) => row.reduce((sum, value) => sum + value, 0));
  const columns = rows.map((_, j) => p.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  const weight = (i: number, j: number) => agreementWeight(weights, i, j, k);
  const total = (term: (i: number, j: number, share: number) => number) =>
    p.reduce((sum, row, i) => sum + row.reduce((inner, share, j) => inner + term(i, j, share), 0), 0);
  const observed = total((i, j, share) => weight(i, j) * share);
  const expected = total((i, j) => weight(i, j) * (rows[i] ?? 0) * (columns[j] ?? 0));
  if (1 - expected < rounding) {
    const reason = "both raters used one and the same category: chance agreement is 1";
    return { ...none, observed, expected, kappa: notEstimable({ reason, method, n }) };
  }
  const estimate = (observed - expected) / (1 - expected);

  const ofRow = rows.map((_, i) => columns.reduce((sum, share, j) => sum + weight(i, j) * share, 0));
  const ofColumn = columns.map((_, j) => rows.reduce((sum, share, i) => sum + weight(i, j) * share, 0));
  const spread =
    total((i, j, share) => share * (weight(i, j) - ((ofRow[i] ?? 0) + (ofColumn[j] ?? 0)) * (1 - estimate)) ** 2) -
    (estimate - expected * (1 - estimate)) ** 2;
  const variance = spread < rounding ? 0 : spread / (n * (1 - expected) ** 2);
  const standardError = Math.sqrt(variance);
  const kappa: Estimate = {
    estimate,
    lower: estimate - z95 * standardError,
    upper: estimate + z95 * standardError,
    method,
    n,
    ...(variance === 0 ? { caution: "the variance is 0: the interval is not informative" } : {}),
  };
  return { n, table, observed, expected, standardError, kappa };
}

function agreementWeight(weights: KappaWeights, i: number, j: number, k: number): number {
  if (weights === "unweighted") return i === j ? 1 : 0;
  const distance = Math.abs(i - j) / (k - 1 || 1);
  return 1 - (weights === "linear" ? distance : distance ** 2);
}

function crossTable(first: readonly number[], second: readonly number[]): number[][] {
  if (first.length !== second.length)
    throw new StatsError("length_mismatch", `${first.length} ratings against ${second.length}; rate the same units.`);
  const categories = [...new Set([...first, ...second])].sort((a, b) => a - b);
  return categories.map((a) =>
    categories.map((b) => first.filter((value, i) => value === a && second[i] === b).length),
  );
}
