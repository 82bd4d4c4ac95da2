import { StatsError } from "../errors";
import type { Tail } from "../types";
import { type CountTable, marginsOf, type Ratio } from "./contingency";

export interface FisherExact {
  n: number;
  p: number;
  oddsRatio: ConditionalOddsRatio;
}

/** Exact 95 % interval, two-sided whatever the tail of the test. */
export interface ConditionalOddsRatio {
  /** Null where the margins leave one table only; `reason` then says so. */
  value: Ratio | null;
  lower: number;
  upper: Ratio;
  method: string;
  reason?: string;
}

/** Tables whose probability exceeds the observed one by no more than this count as equally likely, as in R. */
const slack = Math.log1p(1e-7);

/**
 * Fisher's exact test of a 2 x 2 table, and the odds ratio that goes with it.
 *
 * Given the margins, the first cell is hypergeometric (Fisher RA. Statistical Methods for Research Workers, 1934,
 * 21.02). Two-sided P: the sum of the probabilities not larger than that of the observed table. Odds ratio: conditional
 * maximum likelihood, not ad/bc, from the noncentral hypergeometric distribution P(x) ~ C(m,x) C(n,k-x) psi^x
 * (Cornfield J. Proc 3rd Berkeley Symp 1956;4:135-148); each limit leaves 2.5 % beyond the observed table, so interval
 * and two-sided P may disagree. Assumes independent units. An observed cell at its bound: 0 or infinite. An empty row
 * or column (and n = 1) leaves one table only: P = 1, no estimate, limits 0 and infinite.
 * @param options.tail `greater`: an odds ratio above 1
 * @param options.tolerance how far the odds ratio and its limits (above 1: their reciprocals) may be off; 0: every
 * digit holds. R stops at 2^-13, which can spoil its third digit; the same tolerance gives the same figures
 * @example fisherExact({ table: [[3, 1], [1, 3]], tail: "two-sided" }).p // 0.486
 * @throws StatsError when the table is not 2 x 2 or a cell is not a count
 */
export function fisherExact(options: { table: CountTable; tail: Tail; tolerance?: number }): FisherExact {
  const { table, tail, tolerance = 0 } = options;
  const { rows, columns, n } = marginsOf(table);
  if (rows.length !== 2 || columns.length !== 2) {
    const message = `The table is ${rows.length} x ${columns.length}; take freemanHalton for more than 2 x 2.`;
    throw new StatsError("length_mismatch", message);
  }
  const x = table[0]?.[0] ?? 0;
  const cell = firstCell(rows, columns);
  return { n, p: tailP(cell, x, tail), oddsRatio: conditionalOddsRatio(cell, x, tolerance) };
}

/**
 * What the first cell can be given the margins, and how likely: log probabilities less that of the mode, from `lowest`
 * upwards.
 */
interface FirstCell {
  lowest: number;
  logWeights: Float64Array;
}

function firstCell([k = 0, others = 0]: number[], [m = 0]: number[]): FirstCell {
  const lowest = Math.max(0, m - others);
  const rest = others - m;
  const logWeights = new Float64Array(Math.min(m, k) - lowest + 1);
  for (let i = 1; i < logWeights.length; i++) {
    const x = lowest + i;
    logWeights[i] = (logWeights[i - 1] ?? 0) + Math.log(((m - x + 1) / x) * ((k - x + 1) / (rest + x)));
  }
  const highest = logWeights.reduce((a, b) => Math.max(a, b), 0);
  return { lowest, logWeights: logWeights.map((value) => value - highest) };
}

function tailP({ lowest, logWeights }: FirstCell, x: number, tail: Tail): number {
  const threshold = (logWeights[x - lowest] ?? 0) + slack;
  let [all, beyond] = [0, 0];
  for (const [i, value] of logWeights.entries()) {
    const weight = Math.exp(value);
    all += weight;
    const at = lowest + i;
    if (tail === "two-sided" ? value <= threshold : tail === "greater" ? at >= x : at <= x) beyond += weight;
  }
  return Math.min(1, beyond / all);
}

function conditionalOddsRatio(cell: FirstCell, x: number, tolerance: number): ConditionalOddsRatio {
  const { lowest, logWeights } = cell;
  const method = "conditional maximum likelihood, exact limits";
  const highest = lowest + logWeights.length - 1;
  if (lowest === highest) {
    const reason = "the margins leave one table only: it says nothing about the odds ratio";
    return { value: null, lower: 0, upper: { infinite: true }, method, reason };
  }
  const solve = (excess: (at: Noncentral) => number) => solveRatio(cell, x, excess, tolerance);
  return {
    value:
      x === lowest ? { estimate: 0 } : x === highest ? { infinite: true } : { estimate: solve(({ mean }) => mean - x) },
    lower: x === lowest ? 0 : solve(({ atLeast }) => atLeast - 0.025),
    upper: x === highest ? { infinite: true } : { estimate: solve(({ atMost }) => atMost - 0.025) },
    method,
  };
}

/** The odds ratio at which the excess is 0: sought as itself below 1, as its reciprocal above. */
function solveRatio(cell: FirstCell, x: number, excess: (at: Noncentral) => number, tolerance: number): number {
  const excessAt = (logRatio: number) => excess(noncentral(cell, x, logRatio));
  const atOne = excessAt(0);
  if (atOne === 0) return 1;
  const isBelowOne = atOne > 0 !== excessAt(-farthest) > 0;
  const t = brent((value) => excessAt((isBelowOne ? 1 : -1) * Math.log(value)), Number.EPSILON, tolerance);
  return isBelowOne ? t : 1 / t;
}

/** Logarithm of a ratio beyond all that counts can lead to. */
const farthest = 700;

/**
 * The root in (0, 1] of a function with one change of sign there: Brent RP. Algorithms for Minimization without
 * Derivatives, 1973, ch. 4 (inverse quadratic or linear interpolation, else bisection). R's `uniroot` is the same
 * method and takes the same steps.
 */
function brent(f: (at: number) => number, from: number, tolerance: number): number {
  let [previous, best] = [from, 1];
  let [fPrevious, fBest] = [f(previous), f(best)];
  while (fPrevious > 0 === fBest > 0 && previous > Number.MIN_VALUE) {
    previous /= 2;
    fPrevious = f(previous);
  }
  let [other, fOther] = [previous, fPrevious];
  for (let iteration = 0; iteration < 1000; iteration++) {
    const lastStep = best - previous;
    if (Math.abs(fOther) < Math.abs(fBest)) {
      [previous, best, other] = [best, other, best];
      [fPrevious, fBest, fOther] = [fBest, fOther, fBest];
    }
    const least = 2 * Number.EPSILON * Math.abs(best) + tolerance / 2;
    const gap = other - best;
    if (Math.abs(gap / 2) <= least || fBest === 0) break;
    let step = gap / 2;
    if (Math.abs(lastStep) >= least && Math.abs(fPrevious) > Math.abs(fBest)) {
      const ratio = fBest / fPrevious;
      const [r, s] = [fBest / fOther, fPrevious / fOther];
      const isLinear = previous === other;
      const above = isLinear ? gap * ratio : ratio * (gap * s * (s - r) - (best - previous) * (r - 1));
      const below = isLinear ? 1 - ratio : (s - 1) * (r - 1) * (ratio - 1);
      const [p, q] = above > 0 ? [above, -below] : [-above, below];
      if (p < 0.75 * gap * q - Math.abs(least * q) / 2 && p < Math.abs((lastStep * q) / 2)) step = p / q;
    }
    if (Math.abs(step) < least) step = step > 0 ? least : -least;
    [previous, fPrevious] = [best, fBest];
    best += step;
    fBest = f(best);
    if (fBest > 0 === fOther > 0) [other, fOther] = [previous, fPrevious];
  }
  return best;
}

/** Of the first cell under an odds ratio. */
interface Noncentral {
  mean: number;
  /** P(X <= x) */
  atMost: number;
  /** P(X >= x) */
  atLeast: number;
}

function noncentral({ lowest, logWeights }: FirstCell, x: number, logRatio: number): Noncentral {
  let highest = -Infinity;
  for (const [i, value] of logWeights.entries()) highest = Math.max(highest, value + i * logRatio);
  let [all, moment, atMost, atLeast] = [0, 0, 0, 0];
  for (const [i, value] of logWeights.entries()) {
    const weight = Math.exp(value + i * logRatio - highest);
    all += weight;
    moment += weight * i;
    if (lowest + i <= x) atMost += weight;
    if (lowest + i >= x) atLeast += weight;
  }
  return { mean: lowest + moment / all, atMost: atMost / all, atLeast: atLeast / all };
}

export interface FreemanHalton {
  n: number;
  /** Two-sided. Null when the table is too large to be enumerated; `reason` then says so. */
  p: number | null;
  reason?: string;
}

/**
 * Fisher's exact test of an r x c table (Freeman-Halton): the sum of the probabilities, given the margins, of all
 * tables not likelier than the observed one; two-sided by nature. The same as `fisherExact` for 2 x 2.
 *
 * P(table) = prod R_i! prod C_j! / (n! prod x_ij!) (Freeman GH, Halton JH. Biometrika 1951;38:141-149). Tables are not
 * listed one by one: as in the network algorithm (Mehta CR, Patel NR. J Am Stat Assoc 1983;78:427-434) the columns are
 * worked off in stages, and what remains depends on the row sums still to fill, in any order. Here the columns fall
 * into left, middle, right; left and right parts of the same row sums are sorted by probability once, and each pair of
 * lists is summed in one pass, or at once where the likeliest combination is in. Assumes independent units. Empty rows
 * and columns are left out; where less than 2 x 2 remains, there is one table only and P = 1.
 * @example freemanHalton([[6, 15], [50, 55], [2, 1]]).p // 0.216
 * @throws StatsError when there are fewer than two rows or columns, rows differ in length, or a cell is not a count
 */
export function freemanHalton(table: CountTable): FreemanHalton {
  const { rows, columns, n } = marginsOf(table);
  const [r, c] = [rows.filter((value) => value > 0), columns.filter((value) => value > 0)];
  if (r.length < 2 || c.length < 2) return { n, p: 1 };
  const logFactorials = logFactorialsTo(n);
  const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + (logFactorials[value] ?? 0), 0);
  const threshold = slack - sumOf(table.flat());
  const [narrow, wide] = r.length <= c.length ? [r, c] : [c, r];
  const log = sumOf(r) + sumOf(c) - sumOf([n]);
  const p = sumOfUnlikely({ rows: narrow, columns: wide, threshold, log, logFactorials });
  return p === null ? { n, p, reason: "too many tables have these margins: take the chi-square test" } : { n, p };
}

/** Kahan's sum: for n of a million the plain one loses digits. */
function logFactorialsTo(n: number): Float64Array {
  const values = new Float64Array(n + 1);
  let [sum, lost] = [0, 0];
  for (let k = 2; k <= n; k++) {
    const term = Math.log(k) - lost;
    const next = sum + term;
    lost = next - sum - term;
    sum = next;
    values[k] = sum;
  }
  return values;
}

interface Enumeration {
  rows: readonly number[];
  columns: readonly number[];
  /** Of -sum ln x!; tables at or below it count. */
  threshold: number;
  /** ln P = log - sum ln x! */
  log: number;
  logFactorials: Float64Array;
}

/** Some columns with given row sums. */
interface Part {
  /** ln of the sum of exp(-sum ln x!) over all ways to fill them. */
  logTotal: number;
  /** No way to fill them has a larger -sum ln x!. */
  bound: number;
  /** Every way, when asked for. */
  fillings: () => Fillings;
}

/** Ways to fill some columns with given row sums: -sum ln x! of each, ascending. */
interface Fillings {
  values: Float64Array;
  /** Up to and with each value, sum of exp(value - largest). */
  cumulative: Float64Array;
  largest: number;
  total: number;
}

/** More steps than this (some seconds) are refused. */
const mostSteps = 5e8;

/** More ways to choose the row sums of one stage than this do not fit into memory. */
const mostNodes = 5e6;

function sumOfUnlikely({ rows, columns, threshold, log, logFactorials }: Enumeration): number | null {
  const { left, middle, right } = splitColumns(columns);
  const nodes = rows.slice(1).reduce((product, value) => product * (value + 1), 1);
  if (nodes > mostNodes) return null;
  const work = { steps: 0 };
  const [leftOf, rightOf] = [partsOf(left, logFactorials, work), partsOf(right, logFactorials, work)];
  const afterLeft = partsOf([middle, ...right], logFactorials, work);
  const weightOf = weigher(logFactorials);
  const known: (Part | undefined)[] = new Array(nodes);
  /** By the row sums of all rows but the first, which follows from them. */
  const rightAt = (free: readonly number[], chosen: readonly number[]): Part => {
    let index = 0;
    for (let i = 1; i < free.length; i++) index = index * ((rows[i] ?? 0) + 1) + (free[i] ?? 0) - (chosen[i] ?? 0);
    const part = known[index] ?? rightOf(free.map((value, i) => value - (chosen[i] ?? 0)));
    known[index] = part;
    return part;
  };

  let p = 0;
  split(rows, total(left), work, (sums) => {
    const first = leftOf([...sums]);
    const free = rows.map((value, i) => value - (sums[i] ?? 0));
    const rest = afterLeft(free);
    if (first.bound + rest.bound <= threshold) {
      p += Math.exp(log + first.logTotal + rest.logTotal);
      return;
    }
    split(free, middle, work, (chosen) => {
      const own = weightOf(chosen);
      const last = rightAt(free, chosen);
      if (own + first.bound + last.bound <= threshold) p += Math.exp(log + own + first.logTotal + last.logTotal);
      else {
        const [a, b] = [first.fillings(), last.fillings()];
        const sum = sumBelow(a, b, threshold - own, work);
        if (sum > 0) p += sum * Math.exp(log + own + a.largest + b.largest);
      }
    });
  });
  return work.steps >= mostSteps ? null : Math.min(1, p);
}

/**
 * Visits every way to put `sum` units into the rows that `free` leaves, until the work is too much. `chosen` is one and
 * the same list.
 */
function split(
  free: readonly number[],
  sum: number,
  work: { steps: number },
  visit: (chosen: readonly number[]) => void,
): void {
  const last = free.length - 1;
  const chosen = free.map(() => 0);
  const roomAfter = free.map((_, i) => total(free.slice(i + 1)));
  const fill = (i: number, left: number) => {
    const most = Math.min(free[i] ?? 0, left);
    for (let value = Math.max(0, left - (roomAfter[i] ?? 0)); value <= most; value++) {
      chosen[i] = value;
      if (i + 1 < last) fill(i + 1, left - value);
      else {
        chosen[last] = left - value;
        if (work.steps++ >= mostSteps) return;
        visit(chosen);
      }
    }
  };
  fill(0, sum);
}

/**
 * The parts of a group of columns, by their row sums. The order of the rows makes no difference: one list serves all
 * orders.
 */
function partsOf(group: readonly number[], logFactorials: Float64Array, work: { steps: number }) {
  const weightOf = weigher(logFactorials);
  const logWays = (logFactorials[total(group)] ?? 0) + weightOf(group);
  const lists = new Map<string, Fillings>();
  const list = (sums: readonly number[], depth: number): Fillings => {
    const key = `${depth}:${[...sums].sort((a, b) => a - b)}`;
    const known = lists.get(key) ?? cumulated(enumerate(sums, depth));
    lists.set(key, known);
    return known;
  };
  const enumerate = (sums: readonly number[], depth: number): Float64Array => {
    if (depth >= group.length - 1) return Float64Array.of(weightOf(sums));
    const values: number[] = [];
    const rest = sums.map(() => 0);
    split(sums, group[depth] ?? 0, work, (chosen) => {
      for (let i = 0; i < rest.length; i++) rest[i] = (sums[i] ?? 0) - (chosen[i] ?? 0);
      const own = weightOf(chosen);
      if (depth === group.length - 2) values.push(own + weightOf(rest));
      else for (const value of list(rest, depth + 1).values) values.push(own + value);
    });
    work.steps += 20 * values.length;
    return new Float64Array(values).sort();
  };
  return (sums: readonly number[]): Part => {
    work.steps += 50;
    let fillings: Fillings | null = null;
    return {
      logTotal: logWays + weightOf(sums),
      bound: upperBound(sums, group, logFactorials),
      fillings: () => {
        fillings ??= list(sums, 0);
        return fillings;
      },
    };
  };
}

const weigher =
  (logFactorials: Float64Array) =>
  (counts: readonly number[]): number => {
    let weight = 0;
    for (const count of counts) weight -= logFactorials[count] ?? 0;
    return weight;
  };

/**
 * Of -sum ln x! over all tables with these margins, by Lagrange multipliers: x ln l - ln x! is largest at x = floor(l),
 * for any l that are products of a row's and a column's factor. Margins of the table raised by 1/2 a cell make it
 * nearly sharp.
 */
function upperBound(rows: readonly number[], columns: readonly number[], logFactorials: Float64Array): number {
  const all = total(rows) + (rows.length * columns.length) / 2;
  let bound = rounding;
  for (const row of rows) {
    const raised = row + columns.length / 2;
    bound -= row * Math.log(raised / all);
    for (const column of columns) {
      const ratio = (raised * (column + rows.length / 2)) / all;
      const most = Math.min(Math.floor(ratio), logFactorials.length - 1);
      bound += most * Math.log(ratio) - (logFactorials[most] ?? 0);
    }
  }
  for (const column of columns) bound -= column * Math.log(column + rows.length / 2);
  return bound;
}

/** So far sums of logarithms may be off. */
const rounding = 1e-9;

/** The largest column in the middle, where it costs least; the others on both sides, the lighter load on the left. */
function splitColumns(columns: readonly number[]): { left: number[]; middle: number; right: number[] } {
  const [middle = 0, ...others] = [...columns].sort((a, b) => b - a);
  const half = Math.floor(others.length / 2);
  return { left: others.slice(others.length - half), middle, right: others.slice(0, others.length - half) };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function cumulated(values: Float64Array): Fillings {
  const largest = values[values.length - 1] ?? 0;
  let sum = 0;
  const cumulative = values.map((value) => {
    sum += Math.exp(value - largest);
    return sum;
  });
  return { values, cumulative, largest, total: sum };
}

/**
 * Sum of exp(a - largest a) exp(b - largest b) over the pairs with a + b <= limit: one pass, a from above and b from
 * below.
 */
function sumBelow(a: Fillings, b: Fillings, limit: number, work: { steps: number }): number {
  let at = countUpTo(a.values, limit - (b.values[0] ?? 0)) - 1;
  let below = countUpTo(b.values, limit - (a.values[at] ?? 0));
  work.steps += at - below + 8;
  let sum = 0;
  for (; at >= 0; at--) {
    const value = a.values[at] ?? 0;
    while (below < b.values.length && (b.values[below] ?? 0) + value <= limit) below++;
    if (below === b.values.length) break;
    if (below > 0) sum += Math.exp(value - a.largest) * (b.cumulative[below - 1] ?? 0);
  }
  work.steps += below - at;
  return at < 0 ? sum : sum + (a.cumulative[at] ?? 0) * b.total;
}

/** How many of the ascending values do not exceed the limit. */
function countUpTo(values: Float64Array, limit: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
