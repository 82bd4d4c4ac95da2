import type { Said } from "../../words";
import {
  declaredRanges,
  hasFigures,
  isConsistent,
  namesSaid,
  numbersSaid,
  unlessTooLong,
  upTo,
  without,
} from "./arithmetic";
import { type FigureName, type Figures, mostImages } from "./printed";
import type { Declared, PublishedRow } from "./published-table";
import { fewestImages, type ImageNumbers, type Steps, sharedMargins, subsetsBySize } from "./tables";

/** Of the numbers that rows allow, that are handed on. */
export const mostMargins = 10;

interface Solution {
  /** The figures without which there are such numbers; none when they exist for all. */
  leftOut: FigureName[];
  /** Up to `mostMargins` and one more. */
  margins: ImageNumbers[];
}

interface Numbers extends Solution {
  findings: Said[];
}

const nothingFound: Numbers = { leftOut: [], margins: [], findings: [] };

const stopped: Numbers = { ...nothingFound, findings: [{ key: "paper.set_stopped" }] };

/** What may be left out: sensitivity and specificity are what the numbers are sought by. */
const derived = ["auc", "accuracy", "npv", "ppv"] as const satisfies FigureName[];

/** How far declared numbers of images are searched to both sides. */
const around = 100;

/**
 * The numbers of positive and negative images under which each row has a table, as many figures as possible kept: the declared numbers first, then those
 * near them or, where not both are declared, those with the fewest images.
 * @param rows of the same images, and so of the same declared numbers
 */
export function sharedNumbers(rows: readonly PublishedRow[], steps: Steps): Numbers {
  const withFigures = rows.filter(({ figures }) => hasFigures(figures));
  const [first] = withFigures;
  if (!first) return nothingFound;
  return unlessTooLong(() => numbersOf(withFigures, first.declared, steps)) ?? stopped;
}

/** @throws StatsError "too_long" */
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
