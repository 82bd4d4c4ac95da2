import type { ConfusionCounts } from "../counts/confusion";
import { StatsError } from "../errors";
import { checkCounts, checkRange } from "../input";
import {
  checkFigures,
  type FigureName,
  type Figures,
  figureNames,
  mostImages,
  type Printed,
  roundsTo,
} from "./printed";

/** One count, or both ends of a range of them, included. */
export type CountRange = number | readonly [from: number, to: number];

/**
 * How many candidates a search may still try. Counted and not timed, so that every machine stops at the same place;
 * a million take about 30 ms.
 */
export interface Steps {
  left: number;
}

/** Where a search looks. */
export interface Where {
  positives: CountRange;
  negatives: CountRange;
  /** Only margins that sum to this many images. */
  total?: number;
  /** Without, it goes on until it has looked everywhere. */
  steps?: Steps;
}

/**
 * Every table TP/FN/TN/FP that produces all the figures, in order of positives, negatives, TP, TN; none proves that
 * none does.
 *
 * For each pair of margins, TP runs over what the sensitivity allows; each other figure then confines TN to an
 * interval, so the cost is the number of pairs times the TPs of a pair: all of 0..positives when no sensitivity was
 * printed. A figure 0/0 of a table (PPV without a positive call) matches nothing. No figure is an error: every table
 * would do.
 * @param options.atMost stop after so many tables; all when left out
 * @example
 * tablesFor({ figures: { sensitivity: percent("54.7"), ppv: percent("64.7") }, positives: 318, negatives: [300, 340] })
 * @throws StatsError when there is no figure, a figure lies outside 0..1, a margin is not a count in 1..20000, or the steps
 * do not suffice ("too_long")
 */
export function tablesFor(options: Where & { figures: Figures; atMost?: number }): ConfusionCounts[] {
  const { figures, total, steps, atMost = Number.POSITIVE_INFINITY } = options;
  checkFigures(figures);
  const tables: ConfusionCounts[] = [];
  for (const [positives, negatives] of pairsOf(candidates(figures, options), total)) {
    for (const table of tablesAt(figures, positives, negatives, steps)) {
      if (tables.length >= atMost) return tables;
      tables.push(table);
    }
  }
  return tables;
}

/** How many positive and how many negative images. */
export interface ImageNumbers {
  positives: number;
  negatives: number;
}

export interface CommonMargins extends ImageNumbers {
  /** The tables of each row, in the order of the rows. */
  tables: ConfusionCounts[][];
}

/**
 * Every pair of margins under which each row has a table: rows of one study share its images, so together they tell how
 * many there were. Cost as `tablesFor`, a row.
 * @example commonMargins({ rows: [c1, c2], positives: [200, 449], negatives: [200, 449] })
 * @throws StatsError when there is no row, or as `tablesFor`; for a figure, index is its row
 */
export function commonMargins(options: Where & { rows: readonly Figures[] }): CommonMargins[] {
  const { rows, steps } = options;
  return sharedMargins(options).map(({ positives, negatives }) => {
    const tables = rows.map((figures) => [...tablesAt(figures, positives, negatives, steps)]);
    return { positives, negatives, tables };
  });
}

/**
 * The margins of `commonMargins` without their tables, which can be very many.
 * @throws StatsError as `commonMargins`
 */
export function sharedMargins(options: Where & { rows: readonly Figures[] }): ImageNumbers[] {
  const { rows, total, steps } = options;
  const margins = withCounts(rows, options);
  return [...pairsOf(margins, total)].filter((pair) => allHaveTables(rows, pair, steps)).map(numbersOf);
}

/**
 * `sharedMargins` of any size, those with the fewest images first.
 * @param options.upTo of images in all
 * @param options.atMost stop after so many margins
 * @example fewestImages({ rows: [network], upTo: 2000, atMost: 1 })
 * @throws StatsError when upTo is not a count in 2..20000, or as `commonMargins`
 */
export function fewestImages(options: {
  rows: readonly Figures[];
  upTo: number;
  atMost: number;
  steps?: Steps;
}): ImageNumbers[] {
  const { rows, upTo, atMost, steps } = options;
  checkCounts({ upTo });
  checkRange({ upTo }, [2, mostImages]);
  const margins = withCounts(rows, { positives: [1, upTo - 1], negatives: [1, upTo - 1] });
  const shared: ImageNumbers[] = [];
  for (let total = 2; total <= upTo; total++) {
    for (const pair of pairsOf(margins, total)) {
      if (shared.length >= atMost) return shared;
      if (allHaveTables(rows, pair, steps)) shared.push(numbersOf(pair));
    }
  }
  return shared;
}

/** The margins under which the sensitivity and specificity of each row are the share of a count. */
function withCounts(rows: readonly Figures[], ranges: Pick<Where, "positives" | "negatives">): Margins {
  if (rows.length === 0) throw new StatsError("empty", "There is no row; give the figures of at least one read.");
  for (const [index, figures] of rows.entries()) checkFigures(figures, index);
  let margins = {
    positives: listed("positives", ranges.positives),
    negatives: listed("negatives", ranges.negatives),
  };
  for (const figures of rows) margins = withACount(figures, margins);
  return margins;
}

const allHaveTables = (rows: readonly Figures[], [p, n]: Pair, steps: Steps | undefined): boolean =>
  rows.every((figures) => hasTable(figures, p, n, steps));

const numbersOf = ([positives, negatives]: Pair): ImageNumbers => ({ positives, negatives });

/**
 * The minimal sets of figures that no table under the margins produces together: every smaller part of each has a
 * table. Ordered by size; empty when the whole row has a table. When no figure is in all sets, no single misprint
 * explains the row. At most 63 searches, each as costly as `tablesFor` at worst.
 * @example
 * conflicts({ figures, positives: [300, 340], negatives: [300, 340] }) // [["sensitivity", "specificity", "auc"], …]
 * @throws StatsError as `tablesFor`
 */
export function conflicts(options: Where & { figures: Figures }): FigureName[][] {
  const { figures, total, steps } = options;
  checkFigures(figures);
  const attainable = (names: readonly FigureName[]) => {
    const some: Figures = Object.fromEntries(names.map((name) => [name, figures[name]]));
    for (const [p, n] of pairsOf(candidates(some, options), total)) if (hasTable(some, p, n, steps)) return true;
    return false;
  };
  const printed = figureNames.filter((name) => figures[name]);
  if (attainable(printed)) return [];
  const minimal: FigureName[][] = [];
  for (const names of subsetsBySize(printed)) {
    if (minimal.some((smaller) => smaller.every((name) => names.includes(name)))) continue;
    if (!attainable(names)) minimal.push(names);
  }
  return minimal;
}

/**
 * The printed figures that a table does not produce. Two that are the same half count as well when one is rounded up
 * and the other down.
 * @throws StatsError when a count is not a whole number, the table has no positive or no negative image, or as
 * `tablesFor`
 */
export function mismatches({ table, figures }: { table: ConfusionCounts; figures: Figures }): FigureName[] {
  const { tp, fn, tn, fp } = table;
  checkCounts({ tp, fn, tn, fp });
  checkFigures(figures);
  const [p, n] = [tp + fn, tn + fp];
  checkRange({ positives: p, negatives: n }, [1, mostImages]);
  const exact: Record<FigureName, Fraction> = { ...proportionsOf(table), auc: [tp * n + tn * p, 2 * p * n] };
  const wrong = new Set(figureNames.filter((name) => figures[name] && !roundsTo(figures[name], ...exact[name])));
  const unlike = touchingPairs(figures).filter(
    (pair) => sameFraction(table, pair) && !pair.some((name) => wrong.has(name)),
  );
  for (const name of unlike.flat()) wrong.add(name);
  return figureNames.filter((name) => wrong.has(name));
}

export type SmallestTotal =
  | { found: true; total: number; tables: ConfusionCounts[] }
  /** No table has 2..upTo images; larger ones were not searched. */
  | { found: false; upTo: number };

/**
 * The least number of images, both classes present, with which any table produces the figures, and its tables.
 * @example smallestTotal({ figures: { ppv: percent("95.2"), npv: percent("95.3") }, upTo: 2000 })
 * @throws StatsError when upTo is not a count in 2..20000, or as `tablesFor`
 */
export function smallestTotal({ figures, upTo }: { figures: Figures; upTo: number }): SmallestTotal {
  checkFigures(figures);
  checkCounts({ upTo });
  checkRange({ upTo }, [2, mostImages]);
  const margins = candidates(figures, { positives: [1, upTo - 1], negatives: [1, upTo - 1] });
  for (let total = 2; total <= upTo; total++) {
    const tables = [...pairsOf(margins, total)].flatMap(([p, n]) => [...tablesAt(figures, p, n)]);
    if (tables.length > 0) return { found: true, total, tables };
  }
  return { found: false, upTo };
}

/**
 * The numbers of images n at which some k/n, k whole, rounds to the figure: one proportion alone, e.g. an accuracy.
 * @example attainableTotals({ figure: percent("95.7"), totals: [100, 160] }) // 115, 116, 117, 138, …
 * @throws StatsError when the figure lies outside 0..1 or a total is not a count in 1..20000
 */
export function attainableTotals({ figure, totals }: { figure: Printed; totals: CountRange }): number[] {
  checkRange({ figure: figure.value }, [0, 1]);
  return listed("totals", totals).filter((n) => hasCount(figure, n));
}

type Fraction = readonly [numerator: number, denominator: number];
type Proportion = Exclude<FigureName, "auc">;

const proportionsOf = ({ tp, fn, tn, fp }: ConfusionCounts): Record<Proportion, Fraction> => ({
  sensitivity: [tp, tp + fn],
  specificity: [tn, tn + fp],
  ppv: [tp, tp + fp],
  npv: [tn, tn + fn],
  accuracy: [tp + tn, tp + fn + tn + fp],
});

/** Proportions printed one last digit apart: a half between them could be either, but not both in one table. */
function touchingPairs(figures: Figures): [Proportion, Proportion][] {
  const names = ["sensitivity", "specificity", "ppv", "npv", "accuracy"] as const;
  return names.flatMap((a) =>
    names.flatMap((b): [Proportion, Proportion][] => {
      const [lower, upper] = [figures[a], figures[b]];
      const touch = lower && upper && lower.denominator === upper.denominator && lower.high === upper.low;
      return touch ? [[a, b]] : [];
    }),
  );
}

function sameFraction(table: ConfusionCounts, [a, b]: readonly [Proportion, Proportion]): boolean {
  const exact = proportionsOf(table);
  const [[x, ofX], [y, ofY]] = [exact[a], exact[b]];
  return ofX > 0 && ofY > 0 && x * ofY === y * ofX;
}

const hasTable = (figures: Figures, p: number, n: number, steps?: Steps): boolean =>
  tablesAt(figures, p, n, steps).next().done === false;

function take(steps: Steps | undefined): void {
  if (!steps) return;
  steps.left -= 1;
  if (steps.left < 0) throw new StatsError("too_long", "The search was stopped: there are too many candidates.");
}

/** The tables with p positives and n negatives: for each TP, the interval of TN that every figure allows. */
function* tablesAt(figures: Figures, p: number, n: number, steps?: Steps): Generator<ConfusionCounts, void, undefined> {
  take(steps);
  const { sensitivity, specificity, ppv, npv, accuracy, auc } = figures;
  const [tpFrom, tpTo] = countsOf(sensitivity, p);
  const [tnFrom, tnTo] = countsOf(specificity, n);
  if (tpFrom > tpTo || tnFrom > tnTo) return;
  const [rightFrom, rightTo] = countsOf(accuracy, p + n);
  let touching: [Proportion, Proportion][] | undefined;
  for (let tp = tpFrom; tp <= tpTo; tp++) {
    take(steps);
    const fn = p - tp;
    let from = Math.max(tnFrom, rightFrom - tp);
    let to = Math.min(tnTo, rightTo - tp);
    if (auc) {
      const unit = p * auc.denominator;
      from = Math.max(from, Math.ceil((n * (2 * p * auc.low - tp * auc.denominator)) / unit));
      to = Math.min(to, Math.floor((n * (2 * p * auc.high - tp * auc.denominator)) / unit));
    }
    if (ppv) {
      const leastFp = Math.max(tp === 0 ? 1 : 0, Math.ceil((tp * (ppv.denominator - ppv.high)) / ppv.high));
      const mostFp = ppv.low > 0 ? Math.floor((tp * (ppv.denominator - ppv.low)) / ppv.low) : n;
      from = Math.max(from, n - mostFp);
      to = Math.min(to, n - leastFp);
    }
    if (npv) {
      const above = npv.denominator - npv.high;
      from = Math.max(from, fn === 0 ? 1 : 0, Math.ceil((fn * npv.low) / (npv.denominator - npv.low)));
      if (above > 0) to = Math.min(to, Math.floor((fn * npv.high) / above));
    }
    for (let tn = from; tn <= to; tn++) {
      take(steps);
      const table = { tp, fn, tn, fp: n - tn };
      touching ??= touchingPairs(figures);
      if (!touching.some((pair) => sameFraction(table, pair))) yield table;
    }
  }
}

/** The counts out of n that round to the figure; all when it was not printed. */
function countsOf(printed: Printed | undefined, n: number): [from: number, to: number] {
  if (!printed) return [0, n];
  const { low, high, denominator } = printed;
  return [Math.max(0, Math.ceil((low * n) / denominator)), Math.min(n, Math.floor((high * n) / denominator))];
}

function hasCount(printed: Printed | undefined, n: number): boolean {
  const [from, to] = countsOf(printed, n);
  return from <= to;
}

interface Margins {
  positives: number[];
  negatives: number[];
}
type Pair = readonly [positives: number, negatives: number];

/** Every pair of margins, or those that sum to `total`. */
function* pairsOf({ positives, negatives }: Margins, total: number | undefined): Generator<Pair, void, undefined> {
  if (total === undefined) {
    for (const p of positives) for (const n of negatives) yield [p, n];
    return;
  }
  // Both lists ascend: while one goes up, its partner goes down.
  let at = negatives.length - 1;
  for (const p of positives) {
    while (at >= 0 && (negatives[at] ?? 0) > total - p) at--;
    if (at < 0) return;
    if (negatives[at] === total - p) yield [p, total - p];
  }
}

const candidates = (figures: Figures, ranges: Pick<Where, "positives" | "negatives">): Margins =>
  withACount(figures, {
    positives: listed("positives", ranges.positives),
    negatives: listed("negatives", ranges.negatives),
  });

const withACount = ({ sensitivity, specificity }: Figures, { positives, negatives }: Margins): Margins => ({
  positives: positives.filter((p) => hasCount(sensitivity, p)),
  negatives: negatives.filter((n) => hasCount(specificity, n)),
});

function listed(name: string, range: CountRange): number[] {
  const [from, to] = typeof range === "number" ? [range, range] : range;
  checkCounts({ [name]: from, [`${name}, the last`]: to });
  checkRange({ [name]: from, [`${name}, the last`]: to }, [1, mostImages]);
  if (from > to)
    throw new StatsError("out_of_range", `${name} ${from}..${to} holds no count; give the lower end first.`);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Every part but the empty one, the smaller first. */
export function subsetsBySize<Item>(items: readonly Item[]): Item[][] {
  const masks = Array.from({ length: 2 ** items.length - 1 }, (_, index) => index + 1);
  const subsets = masks.map((mask) => items.filter((_, bit) => mask & (1 << bit)));
  return subsets.sort((a, b) => a.length - b.length);
}
