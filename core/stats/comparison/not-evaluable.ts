import { clusteredProportion } from "../clustered/clustered-proportion";
import type { Estimate } from "../types";
import { by } from "../types";
import {
  clusteredBy,
  countOf,
  imagesInAny,
  type NotEvaluableRule,
  notEvaluableRules,
  type ReaderOpinions,
} from "./opinions";
import type { Units } from "./units";

/** A reader in a condition, with the reads that were not evaluable counted by one rule. */
export interface NotEvaluableRow {
  reader: string;
  condition: string;
  rule: NotEvaluableRule;
  /** Whether the main analysis counts so. */
  planned: boolean;
  /** Units of which an image was not evaluable, with and without disease. */
  positive: number;
  negative: number;
  /** Units that count by this rule. */
  n: number;
  sensitivity: Estimate;
  specificity: Estimate;
}

/**
 * Sensitivity and specificity under every rule for reads that were not evaluable: without them, as either call, and as wrong (intention to diagnose, the worst
 * case: Schuetz GM, Schlattmann P, Dewey M. BMJ 2012;345:e6717). Empty where every case was judged.
 * @param said what the party said of images
 */
export function notEvaluableRows(said: ReaderOpinions, units: Units, planned: NotEvaluableRule): NotEvaluableRow[] {
  if (countOf(said.notEvaluable) === 0) return [];
  const { reader, condition } = said;
  const { known } = units;
  const { notEvaluable, partly } = units.opinionsOf(said);
  const count = (truth: 0 | 1) => imagesInAny(known, [truth], notEvaluable, partly).length;
  return notEvaluableRules.map((rule) => {
    const { calls } = units.opinionsOf(said, rule);
    const right = (truth: 0 | 1) => {
      const called = imagesInAny(known, [truth], calls);
      return clusteredProportion({
        outcome: called.map((place) => (calls[place] === truth ? 1 : 0)),
        cluster: called.map((place) => known.cluster[place] ?? 0),
        method: clusteredBy("patient", by("share")),
      }).proportion;
    };
    const [sensitivity, specificity] = [right(1), right(0)];
    return {
      ...{ reader, condition, rule, planned: rule === planned, positive: count(1), negative: count(0) },
      ...{ n: sensitivity.n + specificity.n, sensitivity, specificity },
    };
  });
}
