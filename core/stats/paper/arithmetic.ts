import type { Said } from "../../words";
import type { ConfusionCounts } from "../counts/confusion";
import { StatsError } from "../errors";
import { contradictions } from "./contradictions";
import { beside, type FigureName, type Figures, figureNames, mostImages, type Printed } from "./printed";
import type { Declared } from "./published-table";
import type { Where } from "./tables";

/* What the audits of rows and of sets share: which figures, where they are sought, and how they are said. */

/** Of a row, that are handed on. */
export const mostTables = 10;
/** How many images in all are searched where their number is not declared. */
export const upTo = 2_000;

export const hasFigures = (figures: Figures) => figureNames.some((name) => figures[name]);

export const without = (figures: Figures, names: readonly FigureName[]): Figures =>
  Object.fromEntries(
    figureNames.flatMap((name) => (figures[name] && !names.includes(name) ? [[name, figures[name]]] : [])),
  );

export const isConsistent = (rows: readonly Figures[]) => rows.every((figures) => contradictions(figures).length === 0);

/** What a search finds, or null when its steps did not suffice. */
export function unlessTooLong<T>(search: () => T): T | null {
  try {
    return search();
  } catch (error) {
    if (error instanceof StatsError && error.code === "too_long") return null;
    throw error;
  }
}

/** Where tables under the declared numbers lie; null where none is declared. */
export function declaredRanges({ positives, negatives, images }: Declared): Omit<Where, "steps"> | null {
  if (positives === null && negatives === null && images === null) return null;
  const free = [1, Math.min(mostImages, (images ?? upTo) - 1)] as const;
  return {
    positives: positives ?? free,
    negatives: negatives ?? free,
    ...(images !== null && { total: images }),
  };
}

export function numbersSaid({ positives, negatives, images }: Declared): Said {
  if (positives !== null && negatives !== null) return { key: "paper.of_both", values: { positives, negatives } };
  if (images !== null) return { key: "paper.of_images", values: { images } };
  return positives !== null
    ? { key: "paper.of_positives", values: { positives, upTo } }
    : { key: "paper.of_negatives", values: { negatives: negatives ?? 0, upTo } };
}

export const shareOf = (name: FigureName, { tp, fn, tn, fp }: ConfusionCounts): number =>
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
export function givesSaid(name: FigureName, printed: Printed | undefined, table: ConfusionCounts): Said {
  const share = shareOf(name, table);
  const figure = { key: `paper.figure.${name}` } as const;
  const value = printed && Number.isFinite(share) ? beside(printed, share) : "-";
  return { key: "paper.gives", values: { figure, sum: sumOf(name, table), value, printed: printed?.text ?? "" } };
}

export const listed = (parts: readonly Said[]): Said =>
  parts.reduce((first, second) => ({ key: "paper.and", values: { first, second } }));

export const namesSaid = (names: readonly FigureName[]): Said =>
  listed(figureNames.filter((name) => names.includes(name)).map((name) => ({ key: `paper.figure.${name}` })));
