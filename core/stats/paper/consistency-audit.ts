import type { ConfusionCounts } from "../counts/confusion";
import { z95 } from "../distributions";
import { StatsError } from "../errors";
import { checkCounts, checkRange } from "../input";
import { type NotEstimable, notEstimable } from "../types";

/**
 * Arithmetic consistency audit of published diagnostic accuracy: can any table of whole images produce the printed
 * figures?
 *
 * The idea is that of the GRIM test (Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369), for whole
 * rows: a figure k/10^d is produced by a fraction x when |x - k/10^d| <= 1/2 10^-d. Both ends count, so rounding half
 * up, half to even, and what floating point makes of a half are all accepted; but in one table the same fraction is
 * printed the same way: 381/400 cannot be 95.3 as sensitivity and 95.2 as specificity. Every such comparison is made
 * between whole numbers below 2^53, hence exact; a floating-point quotient of two such numbers rounds across no whole
 * number.
 *
 * Assumes one binary read of each image, so AUC = (sensitivity + specificity) / 2, the trapezoid through one point
 * (Cantor SB, Kattan MW. Med Decis Making 2000;20:468). Leave out the AUC of a score, and any figure averaged over
 * folds or readers. "No table" proves that the figures do not come from one table under the given margins, not which
 * is wrong.
 */

/** A figure as printed, made by `fraction` or `percent`: low/denominator..high/denominator rounds to it. */
export interface Printed {
  text: string;
  /** As a fraction, also when printed in per cent. */
  value: number;
  /** 2k - 1, 2k + 1 and 2 x 10^d of the printed fraction k/10^d. */
  low: number;
  high: number;
  denominator: number;
}

export const figureNames = ["sensitivity", "specificity", "ppv", "npv", "accuracy", "auc"] as const;
export type FigureName = (typeof figureNames)[number];

/** Printed figures of one binary read; a figure that was not printed is left out. */
export type Figures = Readonly<Partial<Record<FigureName, Printed>>>;

/** One count, or both ends of a range of them, included. */
export type CountRange = number | readonly [from: number, to: number];

/** Of one class; with it, all products stay below 2^53. */
export const mostImages = 20_000;
const mostDecimals = 6;

type Print = string | { value: number; decimals: number };

/**
 * A figure printed as a fraction: `.626`, `0.626`, or a number with its printed decimals.
 * @example fraction(".626"); fraction({ value: 0.67, decimals: 3 });
 * @throws StatsError when it is no decimal number, beyond -2..2, or has more than 6 decimals
 */
export const fraction = (print: Print): Printed => parse(print, 0);

/**
 * A figure printed in per cent: `62.7`, `62.7%`, or a number with its printed decimals.
 * @example percent("62.7"); percent({ value: 70, decimals: 1 });
 * @throws StatsError when it is no decimal number, beyond -200..200, or has more than 4 decimals
 */
export const percent = (print: Print): Printed =>
  parse(typeof print === "string" ? print.trim().replace(/\s*%$/, "") : print, 2);

function parse(print: Print, shift: number): Printed {
  const text = typeof print === "string" ? print.trim() : toText(print);
  const plain = text.replace("−", "-").replace("·", ".");
  if (!/^-?(\d+(\.\d+)?|\.\d+)$/.test(plain))
    throw new StatsError("not_finite", `"${text}" is not a decimal number; give it as it was printed.`);
  const decimals = (plain.split(".")[1] ?? "").length;
  if (decimals + shift > mostDecimals)
    throw new StatsError(
      "out_of_range",
      `"${text}" has ${decimals} decimals; at most ${mostDecimals - shift} are read.`,
    );
  const scale = 10 ** (decimals + shift);
  const k = Number(plain.replace(".", "")) + 0;
  if (Math.abs(k) > 2 * scale)
    throw new StatsError("out_of_range", `"${text}" is too large; check whether it is a fraction or in per cent.`);
  return { text, value: k / scale, low: 2 * k - 1, high: 2 * k + 1, denominator: 2 * scale };
}

function toText({ value, decimals }: { value: number; decimals: number }): string {
  checkRange({ value }, [-200, 200]);
  checkCounts({ decimals });
  checkRange({ decimals }, [0, mostDecimals]);
  const text = value.toFixed(decimals);
  if (Math.abs(Number(text) - value) > 1e-9)
    throw new StatsError("out_of_range", `${value} has more than ${decimals} decimals; give the decimals as printed.`);
  return text;
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
 * @throws StatsError when there is no figure, a figure lies outside 0..1, or a margin is not a count in 1..20000
 */
export function tablesFor(options: {
  figures: Figures;
  positives: CountRange;
  negatives: CountRange;
  atMost?: number;
}): ConfusionCounts[] {
  const { figures, atMost = Number.POSITIVE_INFINITY } = options;
  checkFigures(figures);
  const margins = candidates(figures, options);
  const tables: ConfusionCounts[] = [];
  for (const positives of margins.positives) {
    for (const negatives of margins.negatives) {
      for (const table of tablesAt(figures, positives, negatives)) {
        if (tables.length >= atMost) return tables;
        tables.push(table);
      }
    }
  }
  return tables;
}

export interface CommonMargins {
  positives: number;
  negatives: number;
  /** The tables of each row, in the order of the rows. */
  tables: ConfusionCounts[][];
}

/**
 * Every pair of margins under which each row has a table: rows of one study share its images, so together they tell how
 * many there were. Cost as `tablesFor`, a row.
 * @example commonMargins({ rows: [c1, c2], positives: [200, 449], negatives: [200, 449] })
 * @throws StatsError when there is no row, or as `tablesFor`; for a figure, index is its row
 */
export function commonMargins(options: {
  rows: readonly Figures[];
  positives: CountRange;
  negatives: CountRange;
}): CommonMargins[] {
  const { rows } = options;
  if (rows.length === 0) throw new StatsError("empty", "There is no row; give the figures of at least one read.");
  for (const [index, figures] of rows.entries()) checkFigures(figures, index);
  let margins = {
    positives: listed("positives", options.positives),
    negatives: listed("negatives", options.negatives),
  };
  for (const figures of rows) margins = withACount(figures, margins);
  const common: CommonMargins[] = [];
  for (const positives of margins.positives) {
    for (const negatives of margins.negatives) {
      if (!rows.every((figures) => hasTable(figures, positives, negatives))) continue;
      const tables = rows.map((figures) => [...tablesAt(figures, positives, negatives)]);
      common.push({ positives, negatives, tables });
    }
  }
  return common;
}

/**
 * The minimal sets of figures that no table under the margins produces together: every smaller part of each has a
 * table. Ordered by size; empty when the whole row has a table. When no figure is in all sets, no single misprint
 * explains the row. At most 63 searches, each as costly as `tablesFor` at worst.
 * @example
 * conflicts({ figures, positives: [300, 340], negatives: [300, 340] }) // [["sensitivity", "specificity", "auc"], …]
 * @throws StatsError as `tablesFor`
 */
export function conflicts(options: { figures: Figures; positives: CountRange; negatives: CountRange }): FigureName[][] {
  const { figures } = options;
  checkFigures(figures);
  const attainable = (names: readonly FigureName[]) => {
    const some: Figures = Object.fromEntries(names.map((name) => [name, figures[name]]));
    const margins = candidates(some, options);
    return margins.positives.some((p) => margins.negatives.some((n) => hasTable(some, p, n)));
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
  const negatives = new Set(margins.negatives);
  for (let total = 2; total <= upTo; total++) {
    const tables: ConfusionCounts[] = [];
    for (const p of margins.positives) {
      if (p >= total) break;
      if (negatives.has(total - p)) tables.push(...tablesAt(figures, p, total - p));
    }
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

export interface Contradiction {
  rule: "accuracy between" | "auc mean" | "prevalence";
  figures: FigureName[];
  /** What the other figures leave for the last of `figures`; for "prevalence", for the prevalence it implies. */
  expected: readonly [low: number, high: number];
  /** For the page. */
  message: string;
}

/**
 * Contradictions that hold whatever the numbers of images were, rounding allowed for. Empty says only that these
 * rules found none.
 *
 * Accuracy is a mean of sensitivity and specificity weighted by prevalence, so it lies between them. The AUC of a
 * binary read is their plain mean. Accuracy, PPV and NPV each imply a prevalence (see `impliedPrevalences`); these
 * must agree.
 * @example contradictions({ sensitivity: percent("54.7"), specificity: percent("70.9"), accuracy: percent("80.0") }).length // 1
 * @throws StatsError when there is no figure or one lies outside 0..1
 */
export function contradictions(figures: Figures): Contradiction[] {
  checkFigures(figures);
  const { sensitivity, specificity, accuracy, auc } = figures;
  if (!sensitivity || !specificity) return [];
  const found: Contradiction[] = [];
  const [sens, spec] = [inCommonUnits(sensitivity), inCommonUnits(specificity)];
  const outside = (printed: Printed, low: number, high: number) => {
    const its = inCommonUnits(printed);
    return its.high < low || its.low > high;
  };
  const both = `sensitivity ${sensitivity.text} and specificity ${specificity.text}`;
  const [lower, upper] = [Math.min(sens.low, spec.low), Math.max(sens.high, spec.high)];
  if (accuracy && outside(accuracy, lower, upper)) {
    found.push({
      rule: "accuracy between",
      figures: ["sensitivity", "specificity", "accuracy"],
      expected: [lower / commonDenominator, upper / commonDenominator],
      message: `Accuracy ${accuracy.text} does not lie between ${both}.`,
    });
  }
  const [least, most] = [(sens.low + spec.low) / 2, (sens.high + spec.high) / 2];
  if (auc && outside(auc, least, most)) {
    found.push({
      rule: "auc mean",
      figures: ["sensitivity", "specificity", "auc"],
      expected: [least / commonDenominator, most / commonDenominator],
      message: `AUC ${auc.text} is not the mean of ${both}.`,
    });
  }
  const implied = impliedPrevalences(figures);
  for (const [index, first] of implied.entries()) {
    for (const second of implied.slice(index + 1)) {
      if (first.low <= second.high + tolerance && second.low <= first.high + tolerance) continue;
      found.push({
        rule: "prevalence",
        figures: ["sensitivity", "specificity", first.from, second.from],
        expected: [first.low, first.high],
        message: `With ${both}, ${first.from} needs a prevalence of ${span(first)}, ${second.from} ${span(second)}.`,
      });
    }
  }
  return found;
}

export interface ImpliedPrevalence {
  from: "ppv" | "npv" | "accuracy";
  low: number;
  high: number;
}

/**
 * Share of positive images implied by each of PPV, NPV and accuracy together with sensitivity and specificity,
 * rounding allowed for.
 *
 * prevalence = (accuracy - spec) / (sens - spec) = ppv (1 - spec) / (ppv (1 - spec) + (1 - ppv) sens), and for NPV
 * the latter with the classes swapped. Each is monotone in each figure, so the corners of the rounding box span the
 * range; it is cut to 0..1. Left out: a figure that no prevalence explains, and what says nothing (0/0 in the box;
 * accuracy where sensitivity and specificity overlap).
 * @throws StatsError when there is no figure or one lies outside 0..1
 */
export function impliedPrevalences(figures: Figures): ImpliedPrevalence[] {
  checkFigures(figures);
  const { sensitivity, specificity, ppv, npv, accuracy } = figures;
  if (!sensitivity || !specificity) return [];
  const [sens, spec] = [ends(sensitivity), ends(specificity)];
  const share = (value: number, missed: number, found: number) =>
    (value * missed) / (value * missed + (1 - value) * found);
  const implied: ImpliedPrevalence[] = [];
  const add = (
    from: ImpliedPrevalence["from"],
    of: Printed,
    prevalence: (a: number, b: number, c: number) => number,
  ) => {
    const corners = sens.flatMap((a) => spec.flatMap((b) => ends(of).map((c) => prevalence(a, b, c))));
    const [low, high] = [Math.min(...corners), Math.max(...corners)];
    if (corners.every(Number.isFinite) && low <= 1 && high >= 0)
      implied.push({ from, low: Math.max(0, low), high: Math.min(1, high) });
  };
  if (ppv) add("ppv", ppv, (a, b, value) => share(value, 1 - b, a));
  if (npv) add("npv", npv, (a, b, value) => 1 - share(value, 1 - a, b));
  const apart = sens[0] > spec[1] || spec[0] > sens[1];
  if (accuracy && apart) add("accuracy", accuracy, (a, b, value) => (value - b) / (a - b));
  return implied;
}

/** Images read by both, and how many of them each reader called positive. */
export interface KappaStratum {
  images: number;
  first: number;
  second: number;
}

export interface KappaValue {
  /** Images that both called positive. */
  bothPositive: number;
  kappa: number;
}

export interface KappaAudit {
  lowest: KappaValue;
  highest: KappaValue;
  /** What one more image called positive by both adds to kappa. */
  step: number;
  /** The attainable kappas that round to the printed one; empty: it is not attainable. */
  matching: KappaValue[];
  /** The attainable kappas next to the printed value: at or below it, and above it. */
  below: KappaValue | null;
  above: KappaValue | null;
}

/**
 * Cohen's kappas that two binary reads of the same images can have, given how often each reader called positive, and
 * which of them round to the printed one.
 *
 * With x images called positive by both, x from max(0, m1 + m2 - n) to min(m1, m2) in each stratum, kappa = (n (2x +
 * n - m1 - m2) - E) / (n² - E), E = m1 m2 + (n - m1)(n - m2) (Cohen J. Educ Psychol Meas 1960;20:37-46): linear in x.
 * Not estimable when both readers gave all images one and the same call.
 * @param options.strata the whole sample as one stratum, or one for each truth (`kappaStrata`), which confines x
 * further
 * @example auditKappa({ strata: [{ images: 644, first: 270, second: 338 }], printed: fraction(".359") })
 * @throws StatsError when there is no stratum or image, more than 40000 images, a reader calls more images than there
 * are (index: the stratum), or the printed kappa lies outside -1..1
 */
export function auditKappa(options: { strata: readonly KappaStratum[]; printed: Printed }): KappaAudit | NotEstimable {
  const { strata, printed } = options;
  if (strata.length === 0) throw new StatsError("empty", "There is no stratum; give the images both readers read.");
  let [n, m1, m2, least, most] = [0, 0, 0, 0, 0];
  for (const [index, { images, first, second }] of strata.entries()) {
    checkCounts({ images, first, second });
    if (first > images || second > images)
      throw new StatsError("out_of_range", `Stratum ${index} has ${images} images; a reader calls more.`, index);
    n += images;
    m1 += first;
    m2 += second;
    least += Math.max(0, first + second - images);
    most += Math.min(first, second);
  }
  checkRange({ images: n }, [1, 2 * mostImages]);
  checkRange({ kappa: printed.value }, [-1, 1]);
  const chance = m1 * m2 + (n - m1) * (n - m2);
  const denominator = n * n - chance;
  if (denominator === 0) {
    const reason = "both readers gave every image the same call: chance agreement is 1";
    return notEstimable({ reason, method: "Cohen's kappa", n });
  }
  const numerator = (x: number) => n * (2 * x + n - m1 - m2) - chance;
  const at = (x: number): KappaValue => ({ bothPositive: x, kappa: numerator(x) / denominator });
  const matching: KappaValue[] = [];
  let [below, above]: [KappaValue | null, KappaValue | null] = [null, null];
  for (let x = least; x <= most; x++) {
    if (roundsTo(printed, numerator(x), denominator)) matching.push(at(x));
    if (numerator(x) * printed.denominator <= denominator * (printed.low + 1)) below = at(x);
    else above ??= at(x);
  }
  return { lowest: at(least), highest: at(most), step: (2 * n) / denominator, matching, below, above };
}

/**
 * Two reads of the same images as the strata of `auditKappa`: the positive and the negative images.
 * @throws StatsError unless both tables have the same positives and negatives
 */
export function kappaStrata(first: ConfusionCounts, second: ConfusionCounts): [KappaStratum, KappaStratum] {
  const [positives, negatives] = [first.tp + first.fn, first.tn + first.fp];
  if (positives !== second.tp + second.fn || negatives !== second.tn + second.fp)
    throw new StatsError("length_mismatch", "The two reads have different margins; give reads of the same images.");
  return [
    { images: positives, first: first.tp, second: second.tp },
    { images: negatives, first: first.fp, second: second.fp },
  ];
}

export interface IntervalAudit {
  /** Whether the estimate can be the middle, rounding allowed for. */
  symmetric: boolean;
  middle: number;
  /** What each limit would be if estimate and the other limit hold. */
  lowerIfUpperHolds: number;
  upperIfLowerHolds: number;
  /** Standard error behind a 95 % normal interval, from each side. */
  standardErrors: readonly [fromLower: number, fromUpper: number];
}

/**
 * Whether a printed interval is symmetric about its estimate, as estimate +- z SE is (Cohen's kappa, DeLong). Wilson,
 * logit, bootstrap and clipped intervals are not, and prove no misprint.
 * @example
 * auditInterval({ estimate: fraction(".359"), lower: fraction(".228"), upper: fraction(".430") }).middle // .329
 * @throws StatsError unless lower <= estimate <= upper
 */
export function auditInterval(options: { estimate: Printed; lower: Printed; upper: Printed }): IntervalAudit {
  const { estimate, lower, upper } = options;
  if (!(lower.value <= estimate.value && estimate.value <= upper.value))
    throw new StatsError("out_of_range", `${estimate.text} does not lie in ${lower.text}..${upper.text}.`);
  const [middle, low, high] = [inCommonUnits(estimate), inCommonUnits(lower), inCommonUnits(upper)];
  return {
    symmetric: low.low + high.low <= 2 * middle.high && low.high + high.high >= 2 * middle.low,
    middle: decimal((lower.value + upper.value) / 2),
    lowerIfUpperHolds: decimal(2 * estimate.value - upper.value),
    upperIfLowerHolds: decimal(2 * estimate.value - lower.value),
    standardErrors: [(estimate.value - lower.value) / z95, (upper.value - estimate.value) / z95],
  };
}

const roundsTo = (printed: Printed, numerator: number, denominator: number): boolean =>
  denominator > 0 &&
  printed.low * denominator <= numerator * printed.denominator &&
  numerator * printed.denominator <= printed.high * denominator;

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

const hasTable = (figures: Figures, p: number, n: number): boolean => tablesAt(figures, p, n).next().done === false;

/** The tables with p positives and n negatives: for each TP, the interval of TN that every figure allows. */
function* tablesAt(figures: Figures, p: number, n: number): Generator<ConfusionCounts, void, undefined> {
  const { sensitivity, specificity, ppv, npv, accuracy, auc } = figures;
  const [tpFrom, tpTo] = countsOf(sensitivity, p);
  const [tnFrom, tnTo] = countsOf(specificity, n);
  if (tpFrom > tpTo || tnFrom > tnTo) return;
  const [rightFrom, rightTo] = countsOf(accuracy, p + n);
  let touching: [Proportion, Proportion][] | undefined;
  for (let tp = tpFrom; tp <= tpTo; tp++) {
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

const candidates = (figures: Figures, ranges: { positives: CountRange; negatives: CountRange }): Margins =>
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

/** @throws StatsError where there is no figure or one outside 0..1; index is the row, or else the figure's place */
function checkFigures(figures: Figures, row: number | null = null): void {
  const where = row === null ? "" : ` of row ${row}`;
  if (!figureNames.some((name) => figures[name])) throw new StatsError("empty", `There is no figure${where}.`, row);
  for (const [place, name] of figureNames.entries()) {
    const printed = figures[name];
    if (printed && !(printed.value >= 0 && printed.value <= 1))
      throw new StatsError("out_of_range", `${name}${where} is ${printed.text}; it must lie in 0..1.`, row ?? place);
  }
}

function subsetsBySize<Item>(items: readonly Item[]): Item[][] {
  const masks = Array.from({ length: 2 ** items.length - 1 }, (_, index) => index + 1);
  const subsets = masks.map((mask) => items.filter((_, bit) => mask & (1 << bit)));
  return subsets.sort((a, b) => a.length - b.length);
}

/** Denominators are 2, 20, … 2 000 000: in units of the last, all ends are whole numbers. */
const commonDenominator = 2 * 10 ** mostDecimals;

function inCommonUnits({ low, high, denominator }: Printed): { low: number; high: number } {
  const factor = commonDenominator / denominator;
  return { low: low * factor, high: high * factor };
}

/** The rounding interval as fractions, cut to 0..1. */
const ends = ({ low, high, denominator }: Printed): [number, number] => [
  Math.max(0, low / denominator),
  Math.min(1, high / denominator),
];

/** Prevalences come from floating-point quotients: ranges that touch within this do not contradict. */
const tolerance = 1e-12;

const span = ({ low, high }: { low: number; high: number }): string => `${low.toFixed(4)}..${high.toFixed(4)}`;

/** Sums of printed decimals without the noise of binary fractions. */
const decimal = (value: number): number => Math.round(value * commonDenominator) / commonDenominator;
