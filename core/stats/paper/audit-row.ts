import type { Said } from "../../words";
import type { ConfusionCounts } from "../counts/confusion";
import {
  declaredRanges,
  givesSaid,
  hasFigures,
  listed,
  mostTables,
  numbersSaid,
  shareOf,
  unlessTooLong,
} from "./arithmetic";
import { contradictions } from "./contradictions";
import { type Measure, measures } from "./headings";
import { auditInterval } from "./interval-audit";
import { beside, type FigureName, type Figures, type Printed } from "./printed";
import type { Declared, PublishedRow } from "./published-table";
import { conflicts, mismatches, tablesFor } from "./tables";

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

/** Of the sets of figures without a table those with the fewest figures are named. */
const mostConflicts = 4;

/** Candidates tried for a row: some 20 ms. */
const stepsOfRow = 500_000;

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
