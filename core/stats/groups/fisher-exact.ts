import type { Said } from "../../words";
import { StatsError } from "../errors";
import type { Tail } from "../types";
import { because, by } from "../types";
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
  method: Said;
  reason?: Said;
}

/** Tables whose log probability exceeds the observed one by no more than this count as equally likely, as in R. */
export const slack = Math.log1p(1e-7);

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
  const method = by("conditional_odds_ratio");
  const highest = lowest + logWeights.length - 1;
  if (lowest === highest) {
    const reason = because("one_table");
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
