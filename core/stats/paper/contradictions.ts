import type { Said } from "../../words";
import {
  beside,
  checkFigures,
  commonDenominator,
  type FigureName,
  type Figures,
  inCommonUnits,
  type Printed,
} from "./printed";

export interface Contradiction {
  rule: "accuracy between" | "auc mean" | "prevalence";
  figures: FigureName[];
  /** What the other figures leave for the last of `figures`; for "prevalence", for the prevalence it implies. */
  expected: readonly [low: number, high: number];
  /** With the arithmetic. */
  said: Said;
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
  const printed = { sensitivity: sensitivity.text, specificity: specificity.text };
  const [lower, upper] = [Math.min(sens.low, spec.low), Math.max(sens.high, spec.high)];
  if (accuracy && outside(accuracy, lower, upper)) {
    found.push({
      rule: "accuracy between",
      figures: ["sensitivity", "specificity", "accuracy"],
      expected: [lower / commonDenominator, upper / commonDenominator],
      said: {
        key: "paper.accuracy_between",
        values: { ...printed, accuracy: accuracy.text, ...range(accuracy, lower, upper) },
      },
    });
  }
  const [least, most] = [(sens.low + spec.low) / 2, (sens.high + spec.high) / 2];
  if (auc && outside(auc, least, most)) {
    found.push({
      rule: "auc mean",
      figures: ["sensitivity", "specificity", "auc"],
      expected: [least / commonDenominator, most / commonDenominator],
      said: {
        key: "paper.auc_mean",
        values: {
          ...printed,
          auc: auc.text,
          mean: beside(auc, (sensitivity.value + specificity.value) / 2),
          ...range(auc, least, most),
        },
      },
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
        said: {
          key: "paper.prevalence",
          values: {
            ...printed,
            first: { key: `paper.figure.${first.from}` },
            firstPrinted: figures[first.from]?.text ?? "",
            firstShare: span(first),
            second: { key: `paper.figure.${second.from}` },
            secondPrinted: figures[second.from]?.text ?? "",
            secondShare: span(second),
          },
        },
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

/** The rounding interval as fractions, cut to 0..1. */
const ends = ({ low, high, denominator }: Printed): [number, number] => [
  Math.max(0, low / denominator),
  Math.min(1, high / denominator),
];

/** Prevalences come from floating-point quotients: ranges that touch within this do not contradict. */
const tolerance = 1e-12;

/** In per cent. */
const span = ({ low, high }: { low: number; high: number }): Said => ({
  key: "paper.share",
  values: { low: (100 * low).toFixed(2), high: (100 * high).toFixed(2) },
});

/** Ends in common units, written as the figure that they belong to. */
const range = (of: Printed, low: number, high: number) => ({
  low: beside(of, low / commonDenominator),
  high: beside(of, high / commonDenominator),
});
