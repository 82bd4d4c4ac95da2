import type { Said } from "../../words";
import { because } from "../types";
import { type CountTable, marginsOf } from "./contingency";
import { slack } from "./fisher-exact";

export interface FreemanHalton {
  n: number;
  /** Two-sided. Null when the table is too large to be enumerated; `reason` then says so. */
  p: number | null;
  reason?: Said;
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
  return p === null ? { n, p, reason: because("too_many_tables") } : { n, p };
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
