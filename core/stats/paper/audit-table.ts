import type { Said } from "../../words";
import type { ConfusionCounts } from "../counts/confusion";
import { StatsError } from "../errors";
import { contradictions } from "./contradictions";
import { type Measure, measures } from "./headings";
import { auditInterval } from "./interval-audit";
import { auditKappa, kappaStrata } from "./kappa-audit";
import { beside, type FigureName, type Figures, figureNames, mostImages, type Printed } from "./printed";
import type { Declared, PublishedRow } from "./published-table";
import {
  conflicts,
  fewestImages,
  type ImageNumbers,
  mismatches,
  type Steps,
  sharedMargins,
  subsetsBySize,
  tablesFor,
  type Where,
} from "./tables";

/* The audit of a published table: of each row, then of the rows of the same images together. */

/** Whether whole images can give the figures of a row; "open" when the numbers of images are not known, or too many tables would have to be tried. */
export const verdicts = ["possible", "impossible", "open"] as const;

export interface RowAudit {
  row: string;
  /** The figures as they were read. */
  printed: Said[];
  verdict: (typeof verdicts)[number];
  /** What contradicts what, whatever the numbers of images were. */
  contradictions: Said[];
  /** Why no table gives the figures under the declared numbers. */
  atDeclared: Said[];
  intervals: Said[];
  /** Tables that give every figure under the declared numbers, at most `mostTables`. */
  tables: ConfusionCounts[];
  /** There are more. */
  more: boolean;
}

export interface SetAudit {
  rows: string[];
  /** The figures without which there are such numbers; none when they exist for all. */
  leftOut: FigureName[];
  /** The numbers of images that all rows allow, at most `mostMargins`. */
  margins: ImageNumbers[];
  more: boolean;
  /** Of the only such numbers, the tables of each row that has figures, and what the only one makes of figures that it does not give. */
  tables: { row: string; tables: ConfusionCounts[]; more: boolean; makes: Said | null }[];
  findings: Said[];
}

export const mostTables = 10;
export const mostMargins = 10;
/** Of the sets of figures without a table those with the fewest figures are named. */
const mostConflicts = 4;
/** Candidates tried for a row, and for all sets of a table: some 20 and 100 ms. */
const stepsOfRow = 500_000;
export const stepsOfSets = 3_000_000;
/** How far declared numbers of images are searched to both sides, and how many in all where none are declared. */
const around = 100;
const upTo = 2_000;

/**
 * What the figures of one row allow: contradictions that need no number of images, and the tables under the declared numbers, or the sets of figures
 * that no table gives together.
 */
export function auditRow(row: PublishedRow): RowAudit {
  const { figures, declared } = row;
  const found = [
    ...(hasFigures(figures) ? contradictions(figures) : []).map(({ said }) => said),
    ...curveFindings(row),
  ];
  const audit: RowAudit = {
    row: row.name,
    printed: printedSaid(row),
    verdict: found.length > 0 ? "impossible" : "open",
    contradictions: found,
    atDeclared: [],
    intervals: intervalFindings(row),
    tables: [],
    more: false,
  };
  const where = declaredRanges(declared);
  if (!where || !hasFigures(figures)) return audit;
  const steps = { left: stepsOfRow };
  const tables = unlessTooLong(() => tablesFor({ figures, ...where, steps, atMost: mostTables + 1 }));
  if (!tables) return { ...audit, atDeclared: [{ key: "paper.row_stopped" }] };
  if (tables.length > 0)
    return {
      ...audit,
      verdict: found.length > 0 ? "impossible" : "possible",
      tables: tables.slice(0, mostTables),
      more: tables.length > mostTables,
    };
  const together = unlessTooLong(() => conflicts({ figures, ...where, steps })) ?? [];
  return {
    ...audit,
    // Of one class alone, larger numbers of the other were not tried.
    verdict: declared.images === null ? audit.verdict : "impossible",
    atDeclared: [
      { key: "paper.none", values: { of: numbersSaid(declared) } },
      ...together.slice(0, mostConflicts).map((names) => conflictSaid(names, figures, declared)),
      ...nearestSaid(figures, declared),
    ],
  };
}

/** Rows that declare the same numbers of images are taken to be of the same images. */
export function setsOf(rows: readonly PublishedRow[]): PublishedRow[][] {
  const sets = new Map<string, PublishedRow[]>();
  for (const row of rows) {
    const { positives, negatives, images } = row.declared;
    const key = JSON.stringify([positives, negatives, images]);
    sets.set(key, [...(sets.get(key) ?? []), row]);
  }
  return [...sets.values()];
}

/**
 * What rows of the same images allow together: the numbers of positive and negative images under which each has a table; where there are none, the fewest
 * predictive values, accuracies and AUCs without which there are; and, where only one such pair of numbers is left, what it makes of the figures left
 * out and of kappa.
 * @param steps shared by the sets of a table
 */
export function auditSet(rows: readonly PublishedRow[], steps: Steps): SetAudit {
  const withFigures = rows.filter(({ figures }) => hasFigures(figures));
  const names = rows.map(({ name }) => name);
  const [first] = withFigures;
  const found = first ? (unlessTooLong(() => numbersOf(withFigures, first.declared, steps)) ?? stopped) : nothingFound;
  const { leftOut, margins, findings } = found;
  const [only] = margins;
  const isOnly = only !== undefined && margins.length === 1;
  const seen = isOnly ? withFigures.map((row) => tablesOfRow(row, leftOut, only)) : [];
  return {
    rows: names,
    leftOut,
    margins: margins.slice(0, mostMargins),
    more: margins.length > mostMargins,
    tables: seen.map(({ row: { name }, tables, makes }) => ({
      row: name,
      tables: tables.slice(0, mostTables),
      more: tables.length > mostTables,
      makes,
    })),
    findings: [...findings, ...seen.flatMap(({ findings: ofRow }) => ofRow), ...kappaFindings(rows, seen)],
  };
}

interface Numbers extends Solution {
  findings: Said[];
}
const nothingFound: Numbers = { leftOut: [], margins: [], findings: [] };
const stopped: Numbers = { ...nothingFound, findings: [{ key: "paper.set_stopped" }] };

/** What may be left out: sensitivity and specificity are what the numbers are sought by. */
const derived = ["auc", "accuracy", "npv", "ppv"] as const satisfies FigureName[];

/** The numbers of images that all rows allow, as many figures as possible kept. @throws StatsError "too_long" */
function numbersOf(rows: readonly PublishedRow[], declared: Declared, steps: Steps): Numbers {
  const printed = rows.map(({ figures }) => figures);
  const where = declaredRanges(declared);
  const [exact, ...alike] = where
    ? fewestLeftOut(printed, (some) => sharedMargins({ rows: some, ...where, steps }))
    : [];
  const ofDeclared = (solution: Solution, others: readonly Solution[]): Numbers => ({
    ...solution,
    findings: [marginsSaid(solution, numbersSaid(declared), "example", rows.length), ...alternatives(others)],
  });
  if (exact?.leftOut.length === 0) return ofDeclared(exact, []);
  const near = nearDeclared(declared);
  // Where the number of all images is declared, that of each class is what is sought.
  if (exact && !near) return ofDeclared(exact, alike);
  const [wide, ...others] = fewestLeftOut(printed, (some) =>
    near
      ? nearestFirst(sharedMargins({ rows: some, ...near, steps }), declared)
      : fewestImages({ rows: some, upTo, atMost: mostMargins + 1, steps }),
  );
  if (exact && exact.leftOut.length <= (wide?.leftOut.length ?? exact.leftOut.length)) return ofDeclared(exact, alike);
  const searched = searchedSaid(near);
  if (!wide) return { ...nothingFound, findings: [{ key: "paper.numbers_none", values: { searched } }] };
  const findings = [marginsSaid(wide, searched, near ? "nearest" : "fewest", rows.length)];
  if (exact) findings.push(marginsSaid(exact, numbersSaid(declared), "example", rows.length));
  else if (where) findings.push({ key: "paper.not_declared", values: { of: numbersSaid(declared) } });
  return { ...wide, findings: [...findings, ...alternatives(others)] };
}

const alternatives = (solutions: readonly Solution[]): Said[] =>
  solutions.map(({ leftOut }) => ({ key: "paper.or_without", values: { figures: namesSaid(leftOut) } }));

interface Near {
  positives: readonly [number, number];
  negatives: readonly [number, number];
}

/** Where numbers near the declared ones lie; null unless both are declared. */
function nearDeclared({ positives, negatives }: Declared): Near | null {
  const near = (count: number) => [Math.max(1, count - around), Math.min(mostImages, count + around)] as const;
  return positives !== null && negatives !== null ? { positives: near(positives), negatives: near(negatives) } : null;
}

function nearestFirst(numbers: readonly ImageNumbers[], { positives, negatives }: Declared): ImageNumbers[] {
  const away = (of: ImageNumbers) =>
    Math.abs(of.positives - (positives ?? 0)) + Math.abs(of.negatives - (negatives ?? 0));
  return [...numbers].sort((a, b) => away(a) - away(b));
}

const searchedSaid = (near: Near | null): Said =>
  near
    ? {
        key: "paper.searched_near",
        values: {
          positivesFrom: near.positives[0],
          positivesTo: near.positives[1],
          negativesFrom: near.negatives[0],
          negativesTo: near.negatives[1],
        },
      }
    : { key: "paper.searched_up_to", values: { upTo } };

interface Solution {
  leftOut: FigureName[];
  margins: ImageNumbers[];
}

/** Every smallest choice of derived figures without which a search finds numbers of images. */
function fewestLeftOut(rows: readonly Figures[], search: (rows: Figures[]) => ImageNumbers[]): Solution[] {
  const printed = derived.filter((name) => rows.some((figures) => figures[name]));
  const solutions: Solution[] = [];
  for (const leftOut of [[], ...subsetsBySize(printed)]) {
    if (solutions[0] && leftOut.length > solutions[0].leftOut.length) break;
    const kept = rows.map((figures) => without(figures, leftOut)).filter(hasFigures);
    if (kept.length === 0 || !isConsistent(kept)) continue;
    const margins = search(kept);
    if (margins.length > 0) solutions.push({ leftOut, margins });
  }
  return solutions;
}

/** @param first what the first of several is */
function marginsSaid(
  { leftOut, margins }: Solution,
  searched: Said,
  first: "nearest" | "fewest" | "example",
  rows: number,
): Said {
  const [{ positives, negatives } = { positives: 0, negatives: 0 }] = margins;
  const values = { positives, negatives, images: positives + negatives, searched, rows, first };
  const which = margins.length === 1 ? "only" : "several";
  return leftOut.length === 0
    ? { key: `paper.numbers_${which}`, values }
    : { key: `paper.numbers_${which}_without`, values: { ...values, figures: namesSaid(leftOut) } };
}

interface SeenRow {
  row: PublishedRow;
  tables: ConfusionCounts[];
  /** Tables that have one call otherwise and give the figures left out; those of the row where it has none left out. */
  otherwise: ConfusionCounts[];
  makes: Said | null;
  findings: Said[];
}

/** What the only numbers of images make of a row. */
function tablesOfRow(
  row: PublishedRow,
  leftOut: readonly FigureName[],
  { positives, negatives }: ImageNumbers,
): SeenRow {
  const { figures, name } = row;
  const kept = without(figures, leftOut);
  const lost = without(
    figures,
    figureNames.filter((each) => !leftOut.includes(each)),
  );
  const tables = hasFigures(kept) ? tablesFor({ figures: kept, positives, negatives, atMost: mostTables + 1 }) : [];
  const [table] = tables;
  if (!table || tables.length > 1 || !hasFigures(lost))
    return { row, tables, otherwise: tables, makes: null, findings: [] };
  const missed = mismatches({ table, figures: lost });
  if (missed.length === 0) return { row, tables, otherwise: tables, makes: null, findings: [] };
  const makes = listed(missed.map((figure) => givesSaid(figure, lost[figure], table)));
  const otherwise = oneCallOtherwise(table).filter((other) => mismatches({ table: other, figures: lost }).length === 0);
  const [other] = otherwise;
  const findings: Said[] = other
    ? [{ key: "paper.one_call", values: { row: name, ...other, figures: namesSaid(missed) } }]
    : [];
  return { row, tables, otherwise, makes, findings };
}

/** The tables of the same images in which one image was called the other way. */
const oneCallOtherwise = ({ tp, fn, tn, fp }: ConfusionCounts): ConfusionCounts[] =>
  [
    { tp, fn, tn: tn - 1, fp: fp + 1 },
    { tp, fn, tn: tn + 1, fp: fp - 1 },
    { tp: tp - 1, fn: fn + 1, tn, fp },
    { tp: tp + 1, fn: fn - 1, tn, fp },
  ].filter((table) => Object.values(table).every((count) => count >= 0));

/** Each printed kappa against those that the tables of its two rows can have. */
function kappaFindings(rows: readonly PublishedRow[], seen: readonly SeenRow[]): Said[] {
  return rows.flatMap((row): Said[] => {
    const { kappa, condition, name } = row;
    if (!kappa) return [];
    const pair = rows.filter((other) => other.condition === condition);
    const [first, second] = pair.map((each) => seen.find((it) => it.row === each));
    const printed = { kappa: kappa.text, row: name };
    if (pair.length !== 2) return [{ key: "paper.kappa_unpaired", values: { ...printed, rows: pair.length } }];
    if (!first || !second || first.tables.length === 0 || second.tables.length === 0)
      return [{ key: "paper.kappa_open", values: printed }];
    const between = { kappa: kappa.text, first: first.row.name, second: second.row.name };
    const audits = kappasOf(first.tables, second.tables, kappa);
    const attained = audits.flatMap(({ matching }) => matching)[0];
    if (attained)
      return [
        {
          key: "paper.kappa_attained",
          values: { ...between, both: attained.bothPositive, exact: attained.kappa.toFixed(4) },
        },
      ];
    const [audit] = audits;
    if (!audit) return [{ key: "paper.kappa_open", values: printed }];
    const range = { low: audit.lowest.kappa.toFixed(3), high: audit.highest.kappa.toFixed(3) };
    const { below, above } = audit;
    const missed: Said =
      below && above
        ? {
            key: "paper.kappa_between",
            values: {
              ...between,
              below: below.kappa.toFixed(4),
              belowBoth: below.bothPositive,
              above: above.kappa.toFixed(4),
              aboveBoth: above.bothPositive,
            },
          }
        : { key: "paper.kappa_beyond", values: { ...between, ...range } };
    const [other] = kappasOf(first.otherwise, second.otherwise, kappa).flatMap(({ matching }) => matching);
    const hasOther = first.makes !== null || second.makes !== null;
    if (!other || !hasOther) return [missed];
    return [
      missed,
      { key: "paper.kappa_otherwise", values: { ...between, both: other.bothPositive, exact: other.kappa.toFixed(5) } },
    ];
  });
}

function kappasOf(first: readonly ConfusionCounts[], second: readonly ConfusionCounts[], printed: Printed) {
  return first.slice(0, mostTables).flatMap((a) =>
    second.slice(0, mostTables).flatMap((b) => {
      const audit = auditKappa({ strata: kappaStrata(a, b), printed });
      return "reason" in audit ? [] : [audit];
    }),
  );
}

/** An area that no curve through the row's operating point has: a curve rises, so it lies above the corner below the point and below that above. */
function curveFindings({ figures: { sensitivity, specificity }, scoreAuc }: PublishedRow): Said[] {
  if (!sensitivity || !specificity || !scoreAuc) return [];
  const low = end(sensitivity, "low") * end(specificity, "low");
  const high = 1 - (1 - end(sensitivity, "high")) * (1 - end(specificity, "high"));
  if (end(scoreAuc, "high") >= low - tolerance && end(scoreAuc, "low") <= high + tolerance) return [];
  const values = { auc: scoreAuc.text, sensitivity: sensitivity.text, specificity: specificity.text };
  return [{ key: "paper.auc_curve", values: { ...values, low: beside(scoreAuc, low), high: beside(scoreAuc, high) } }];
}

const tolerance = 1e-12;
const end = (printed: Printed, which: "low" | "high") => Math.min(1, Math.max(0, printed[which] / printed.denominator));

/** Intervals around something else than their figure, and those of kappa and AUC that estimate +- z SE does not give. */
function intervalFindings({ figures, scoreAuc, kappa, intervals }: PublishedRow): Said[] {
  const printed: Partial<Record<Measure, Printed | undefined>> = { ...figures, scoreAuc, kappa };
  return measures.flatMap((measure): Said[] => {
    const estimate = printed[measure];
    const limits = intervals[measure];
    if (!limits || !estimate) return [];
    const { lower, upper } = limits;
    const values = {
      figure: { key: `paper.figure.${measure}` } as const,
      printed: estimate.text,
      lower: lower.text,
      upper: upper.text,
    };
    if (estimate.value < lower.value || estimate.value > upper.value)
      return [{ key: "paper.interval_outside", values }];
    if (measure !== "kappa" && measure !== "auc" && measure !== "scoreAuc") return [];
    const audit = auditInterval({ estimate, lower, upper });
    if (audit.symmetric) return [];
    const inUnits = (value: number) => beside(estimate, value).slice(0, -1);
    return [
      {
        key: "paper.interval_asymmetric",
        values: {
          ...values,
          middle: beside(estimate, audit.middle),
          lowerIf: inUnits(audit.lowerIfUpperHolds),
          upperIf: inUnits(audit.upperIfLowerHolds),
        },
      },
    ];
  });
}

function printedSaid({ figures, scoreAuc, kappa, intervals }: PublishedRow): Said[] {
  const all: Partial<Record<Measure, Printed | undefined>> = { ...figures, scoreAuc, kappa };
  return measures.flatMap((measure): Said[] => {
    const printed = all[measure];
    if (!printed) return [];
    const limits = intervals[measure];
    const sign = printed.inPercent ? "%" : "";
    const values = { figure: { key: `paper.figure.${measure}` } as const, printed: printed.text + sign };
    return [
      limits
        ? { key: "paper.printed_interval", values: { ...values, lower: limits.lower.text, upper: limits.upper.text } }
        : { key: "paper.printed", values },
    ];
  });
}

const hasFigures = (figures: Figures) => figureNames.some((name) => figures[name]);
const isConsistent = (rows: readonly Figures[]) => rows.every((figures) => contradictions(figures).length === 0);

/** What a search finds, or null when its steps did not suffice. */
function unlessTooLong<T>(search: () => T): T | null {
  try {
    return search();
  } catch (error) {
    if (error instanceof StatsError && error.code === "too_long") return null;
    throw error;
  }
}

const without = (figures: Figures, names: readonly FigureName[]): Figures =>
  Object.fromEntries(
    figureNames.flatMap((name) => (figures[name] && !names.includes(name) ? [[name, figures[name]]] : [])),
  );

/** Where tables under the declared numbers lie; null where none is declared. */
function declaredRanges({ positives, negatives, images }: Declared): Omit<Where, "steps"> | null {
  if (positives === null && negatives === null && images === null) return null;
  const free = [1, Math.min(mostImages, (images ?? upTo) - 1)] as const;
  return {
    positives: positives ?? free,
    negatives: negatives ?? free,
    ...(images !== null && { total: images }),
  };
}

function numbersSaid({ positives, negatives, images }: Declared): Said {
  if (positives !== null && negatives !== null) return { key: "paper.of_both", values: { positives, negatives } };
  if (images !== null) return { key: "paper.of_images", values: { images } };
  return positives !== null
    ? { key: "paper.of_positives", values: { positives, upTo } }
    : { key: "paper.of_negatives", values: { negatives: negatives ?? 0, upTo } };
}

/** Why a set of figures has no table: of one alone, the two counts next to it. */
function conflictSaid(names: readonly FigureName[], figures: Figures, declared: Declared): Said {
  const [name, ...more] = names;
  const units: Partial<Record<FigureName, number | null>> = {
    sensitivity: declared.positives,
    specificity: declared.negatives,
    accuracy: declared.images,
  };
  const printed = name && figures[name];
  const n = name && units[name];
  if (name && printed && n && more.length === 0) {
    const below = Math.floor(printed.value * n);
    const share = (count: number) => `${count}/${n} = ${beside(printed, count / n)}`;
    const figure = { key: `paper.figure.${name}` } as const;
    return {
      key: "paper.no_count",
      values: { figure, printed: printed.text, n, below: share(below), above: share(below + 1) },
    };
  }
  const shown = names.map(
    (each): Said => ({
      key: "paper.printed",
      values: { figure: { key: `paper.figure.${each}` }, printed: figures[each]?.text ?? "" },
    }),
  );
  return { key: "paper.together", values: { figures: listed(shown) } };
}

/** The table that misses the fewest figures, among those nearest to sensitivity and specificity, with what it makes of them. */
function nearestSaid(figures: Figures, { positives, negatives }: Declared): Said[] {
  const { sensitivity, specificity } = figures;
  if (positives === null || negatives === null || !sensitivity || !specificity) return [];
  const close = (share: number, n: number) =>
    [-1, 0, 1, 2].map((step) => Math.floor(share * n) + step).filter((count) => count >= 0 && count <= n);
  const tables = close(sensitivity.value, positives).flatMap((tp) =>
    close(specificity.value, negatives).map((tn) => {
      const table = { tp, fn: positives - tp, tn, fp: negatives - tn };
      const missed = mismatches({ table, figures });
      const off = missed.map((name) => Math.abs(shareOf(name, table) - (figures[name]?.value ?? 0)));
      return { table, missed, off: off.reduce((sum, each) => sum + each, 0) };
    }),
  );
  const [nearest] = tables.sort((a, b) => a.missed.length - b.missed.length || a.off - b.off);
  if (!nearest) return [];
  const { table, missed } = nearest;
  return [
    {
      key: "paper.nearest",
      values: { ...table, makes: listed(missed.map((name) => givesSaid(name, figures[name], table))) },
    },
  ];
}

const shareOf = (name: FigureName, { tp, fn, tn, fp }: ConfusionCounts): number =>
  ({
    sensitivity: tp / (tp + fn),
    specificity: tn / (tn + fp),
    ppv: tp / (tp + fp),
    npv: tn / (tn + fn),
    accuracy: (tp + tn) / (tp + fn + tn + fp),
    auc: (tp / (tp + fn) + tn / (tn + fp)) / 2,
  })[name];

const sumOf = (name: FigureName, { tp, fn, tn, fp }: ConfusionCounts): string =>
  ({
    sensitivity: `${tp}/${tp + fn}`,
    specificity: `${tn}/${tn + fp}`,
    ppv: `${tp}/${tp + fp}`,
    npv: `${tn}/${tn + fn}`,
    accuracy: `${tp + tn}/${tp + fn + tn + fp}`,
    auc: `(${tp}/${tp + fn} + ${tn}/${tn + fp})/2`,
  })[name];

/** A figure of a table beside the printed one. */
function givesSaid(name: FigureName, printed: Printed | undefined, table: ConfusionCounts): Said {
  const share = shareOf(name, table);
  const figure = { key: `paper.figure.${name}` } as const;
  const value = printed && Number.isFinite(share) ? beside(printed, share) : "-";
  return { key: "paper.gives", values: { figure, sum: sumOf(name, table), value, printed: printed?.text ?? "" } };
}

const listed = (parts: readonly Said[]): Said =>
  parts.reduce((first, second) => ({ key: "paper.and", values: { first, second } }));

const namesSaid = (names: readonly FigureName[]): Said =>
  listed(figureNames.filter((name) => names.includes(name)).map((name) => ({ key: `paper.figure.${name}` })));
