import type { Said } from "../../words";
import type { ConfusionCounts } from "../counts/confusion";
import { givesSaid, hasFigures, listed, mostTables, namesSaid, without } from "./arithmetic";
import { auditKappa, type KappaValue, kappaStrata } from "./kappa-audit";
import { type FigureName, figureNames, type Printed } from "./printed";
import type { PublishedRow } from "./published-table";
import { mostMargins, sharedNumbers } from "./shared-numbers";
import { type ImageNumbers, mismatches, type Steps, tablesFor } from "./tables";

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

/** Candidates tried for all sets of a table: some 100 ms. */
export const stepsOfSets = 3_000_000;

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
  const { leftOut, margins, findings } = sharedNumbers(rows, steps);
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
  return rows.flatMap(({ kappa, condition, name }) => {
    if (!kappa) return [];
    const pair = rows.filter((other) => other.condition === condition);
    if (pair.length !== 2)
      return [{ key: "paper.kappa_unpaired", values: { kappa: kappa.text, row: name, rows: pair.length } }];
    const [first, second] = pair.map((each) => seen.find(({ row }) => row === each));
    const isWhole = [first, second].every((each) => each && each.tables.length > 0 && each.tables.length <= mostTables);
    if (!first || !second || !isWhole) return [{ key: "paper.kappa_open", values: { kappa: kappa.text, row: name } }];
    return kappaSaid(kappa, first, second);
  });
}

function kappaSaid(kappa: Printed, first: SeenRow, second: SeenRow): Said[] {
  const between = { kappa: kappa.text, first: first.row.name, second: second.row.name };
  const audits = kappasOf(first.tables, second.tables, kappa);
  const [attained] = audits.flatMap(({ matching }) => matching);
  const exactly = ({ bothPositive, kappa: exact }: KappaValue) => ({ both: bothPositive, exact: exact.toFixed(5) });
  if (attained) return [{ key: "paper.kappa_attained", values: { ...between, ...exactly(attained) } }];
  const [below] = audits.flatMap((audit) => audit.below ?? []).sort((a, b) => b.kappa - a.kappa);
  const [above] = audits.flatMap((audit) => audit.above ?? []).sort((a, b) => a.kappa - b.kappa);
  const findings: Said[] = [];
  if (below && above)
    findings.push({
      key: "paper.kappa_between",
      values: {
        ...between,
        below: below.kappa.toFixed(4),
        belowBoth: below.bothPositive,
        above: above.kappa.toFixed(4),
        aboveBoth: above.bothPositive,
      },
    });
  else {
    const low = Math.min(...audits.map(({ lowest }) => lowest.kappa)).toFixed(3);
    const high = Math.max(...audits.map(({ highest }) => highest.kappa)).toFixed(3);
    findings.push({ key: "paper.kappa_beyond", values: { ...between, low, high } });
  }
  const [other] = kappasOf(first.otherwise, second.otherwise, kappa).flatMap(({ matching }) => matching);
  const isOtherwise = first.makes !== null || second.makes !== null;
  if (other && isOtherwise) findings.push({ key: "paper.kappa_otherwise", values: { ...between, ...exactly(other) } });
  return findings;
}

/** Of every pair of tables; none where both readers gave every image one and the same call. */
function kappasOf(first: readonly ConfusionCounts[], second: readonly ConfusionCounts[], printed: Printed) {
  return first.flatMap((a) =>
    second.flatMap((b) => {
      const audit = auditKappa({ strata: kappaStrata(a, b), printed });
      return "reason" in audit ? [] : [audit];
    }),
  );
}
