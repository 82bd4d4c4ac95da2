import type { Said } from "../../words";
import { normalP, z95 } from "../distributions";
import { StatsError } from "../errors";
import { checkLengths, checkTable } from "../input";
import { because, by, type Estimate, notEstimable, type Tail } from "../types";

export type KappaWeights = "unweighted" | "linear" | "quadratic";

/** Rows: first rater, columns: second, categories in order. */
export type AgreementTable = readonly (readonly number[])[];

/** Squares of sums of terms of order 1 are rounding error below this. */
const rounding = 1e-28;

/**
 * Cohen's kappa of two raters with the large-sample, non-null standard error; the interval is not clipped.
 *
 * kappa = (po - pe) / (1 - pe) (Cohen J. Educ Psychol Meas 1960;20:37-46; weighted: Psychol Bull 1968;70:213-220); variance by
 * Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327, there also the standard error under kappa = 0 that the test takes.
 * Linear weights 1 - |i-j|/(k-1), quadratic 1 - (i-j)²/(k-1)². Assumes independent units; for several images a patient take
 * `clusteredKappa`. Chance agreement 1 (both raters constant and equal) or no unit at all is not estimable; perfect agreement has an
 * interval of no width, with a caution.
 * @param options.tail of the test of kappa = 0
 * @example cohenKappa({ table: [[200, 69], [139, 236]], weights: "unweighted", tail: "two-sided" }).kappa // 0.360, 0.290 to 0.430
 * @throws StatsError when the table is not square, or a cell is not a count
 */
export function cohenKappa(options: { table: AgreementTable; weights: KappaWeights; tail: Tail; method?: Said }) {
  const { table, weights, tail, method = by("kappa_fleiss_cohen_everitt") } = options;
  const { n, k } = sizeOf(table);
  const none = { n, observed: null, expected: null, standardError: null, nullStandardError: null, z: null, p: null };
  if (n === 0) return { ...none, kappa: notEstimable({ reason: because("no_unit_by_both"), method, n }) };

  const { shares, rows, columns } = sharesOf(table, n);
  const total = (term: (i: number, j: number, share: number) => number) =>
    shares.reduce((sum, row, i) => sum + row.reduce((inner, share, j) => inner + term(i, j, share), 0), 0);
  const chanceOf = (i: number, j: number) => (rows[i] ?? 0) * (columns[j] ?? 0);
  // In disagreement weights, so that nothing cancels where agreement is nearly complete.
  const apart = (i: number, j: number) => disagreementWeight(weights, i, j, k);
  const observedApart = total((i, j, share) => apart(i, j) * share);
  const expectedApart = total((i, j) => apart(i, j) * chanceOf(i, j));
  const [observed, expected] = [1 - observedApart, 1 - expectedApart];
  if (expectedApart === 0) {
    const reason = because("raters_one_category");
    return { ...none, observed, expected, kappa: notEstimable({ reason, method, n }) };
  }
  const ratio = observedApart / expectedApart;
  const estimate = 1 - ratio;
  const ofRow = rows.map((_, i) => columns.reduce((sum, share, j) => sum + apart(i, j) * share, 0));
  const ofColumn = columns.map((_, j) => rows.reduce((sum, share, i) => sum + apart(i, j) * share, 0));
  const excess = (i: number, j: number) => (ofRow[i] ?? 0) + (ofColumn[j] ?? 0) - expectedApart;
  const rootOf = (spread: number) => (spread < rounding ? 0 : Math.sqrt(spread / n) / expectedApart);
  const standardError = rootOf(total((i, j, share) => share * (ratio * excess(i, j) - apart(i, j)) ** 2));
  const nullStandardError = rootOf(total((i, j) => chanceOf(i, j) * (excess(i, j) - apart(i, j)) ** 2));
  const kappa: Estimate = {
    estimate,
    lower: estimate - z95 * standardError,
    upper: estimate + z95 * standardError,
    method,
    n,
    ...(standardError === 0 ? { caution: because("variance_zero") } : {}),
  };
  const z = nullStandardError === 0 ? null : estimate / nullStandardError;
  const p = z === null ? null : normalP(z, tail);
  return { n, observed, expected, standardError, nullStandardError, z, p, kappa };
}

/** What kappa hides: the shares that say why it is low. Null is 0/0. */
export interface AgreementIndices {
  observed: number;
  /** 2 po - 1 */
  pabak: number;
  /** (both positive - both negative) / n */
  prevalenceIndex: number;
  /** (only the first - only the second) / n */
  biasIndex: number;
  /** The largest kappa that the margins allow. */
  kappaMax: number | null;
  positiveAgreement: number | null;
  negativeAgreement: number | null;
}

/**
 * The companions of kappa for two binary raters.
 *
 * Prevalence and bias index, PABAK: Byrt T, Bishop J, Carlin JB. J Clin Epidemiol 1993;46:423-429; positive 2a/(2a+b+c) and negative
 * agreement: Cicchetti DV, Feinstein AR. J Clin Epidemiol 1990;43:551-558; kappa max: the kappa of the table with the same margins and the
 * most agreement.
 * @param table [[both positive, only the first], [only the second, both negative]]
 * @example agreementIndices([[200, 69], [139, 236]]).pabak // 0.354
 * @throws StatsError when the table is not 2 x 2, a cell is not a count, or there is no unit
 */
export function agreementIndices(table: AgreementTable): AgreementIndices {
  const { n, k } = sizeOf(table);
  if (k !== 2) throw new StatsError("length_mismatch", `The table has ${k} rows; these indices need 2.`);
  if (n === 0) throw new StatsError("empty", "No unit was rated by both.");
  const [[a = 0, b = 0] = [], [c = 0, d = 0] = []] = table;
  const chance = ((a + b) * (a + c) + (c + d) * (b + d)) / (n * n);
  const most = (Math.min(a + b, a + c) + Math.min(c + d, b + d)) / n;
  return {
    observed: (a + d) / n,
    pabak: (2 * (a + d)) / n - 1,
    prevalenceIndex: (a - d) / n,
    biasIndex: (b - c) / n,
    kappaMax: n === a + b && n === a + c ? null : n === c + d && n === b + d ? null : (most - chance) / (1 - chance),
    positiveAgreement: 2 * a + b + c === 0 ? null : (2 * a) / (2 * a + b + c),
    negativeAgreement: 2 * d + b + c === 0 ? null : (2 * d) / (2 * d + b + c),
  };
}

/**
 * Gwet's AC1, (po - pe) / (1 - pe) with pe = sum q (1 - q) / (k - 1), q the mean share of a category: Gwet KL. Br J Math Stat Psychol
 * 2008;61:29-48. It does not fall with prevalence as kappa does.
 * @example gwetAc1([[200, 69], [139, 236]]) // 0.356
 * @throws StatsError when the table is not square, a cell is not a count, there is no unit, or only one category
 */
export function gwetAc1(table: AgreementTable): number {
  const { n, k } = sizeOf(table);
  if (n === 0) throw new StatsError("empty", "No unit was rated by both.");
  if (k < 2) throw new StatsError("length_mismatch", "AC1 needs two categories or more.");
  const { shares, rows, columns } = sharesOf(table, n);
  const observed = shares.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  const expected = rows.reduce((sum, share, i) => {
    const mean = (share + (columns[i] ?? 0)) / 2;
    return sum + (mean * (1 - mean)) / (k - 1);
  }, 0);
  return (observed - expected) / (1 - expected);
}

function sizeOf(table: AgreementTable): { n: number; k: number } {
  checkTable(table);
  const k = table.length;
  if (k > 0 && table[0]?.length !== k)
    throw new StatsError("length_mismatch", `${k} rows need ${k} columns; there are ${table[0]?.length}.`, 0);
  return { k, n: table.flat().reduce((sum, cell) => sum + cell, 0) };
}

function sharesOf(table: AgreementTable, n: number) {
  const shares = table.map((row) => row.map((cell) => cell / n));
  const rows = shares.map((row) => row.reduce((sum, value) => sum + value, 0));
  const columns = rows.map((_, j) => shares.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  return { shares, rows, columns };
}

function disagreementWeight(weights: KappaWeights, i: number, j: number, k: number): number {
  if (weights === "unweighted") return i === j ? 0 : 1;
  const distance = Math.abs(i - j) / (k - 1 || 1);
  return weights === "linear" ? distance : distance ** 2;
}

/**
 * The table of two raters' categories, unit by unit, categories in ascending order.
 * @throws StatsError when they did not rate the same number of units
 */
export function agreementTable({ first, second }: { first: readonly number[]; second: readonly number[] }): number[][] {
  checkLengths({ first, second });
  const categories = [...new Set([...first, ...second])].sort((a, b) => a - b);
  const positions = new Map(categories.map((category, i) => [category, i]));
  const table = categories.map(() => categories.map(() => 0));
  for (const [i, category] of first.entries()) {
    const row = table[positions.get(category) ?? 0];
    const column = positions.get(second[i] ?? 0) ?? 0;
    if (row) row[column] = (row[column] ?? 0) + 1;
  }
  return table;
}
