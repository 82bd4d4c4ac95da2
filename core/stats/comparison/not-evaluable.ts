import { clusteredProportion } from "../clustered/clustered-proportion";
import type { Estimate } from "../types";
import { by } from "../types";
import {
  callUnder,
  clusteredBy,
  countOf,
  imagesInAny,
  type Known,
  type NotEvaluableRule,
  notEvaluableRules,
  type ReaderOpinions,
} from "./opinions";

/** A reader in a condition, with the reads that were not evaluable counted by one rule. */
export interface NotEvaluableRow {
  reader: string;
  condition: string;
  rule: NotEvaluableRule;
  /** Whether the main analysis counts so. */
  planned: boolean;
  /** Images that were not evaluable, with and without disease. */
  positive: number;
  negative: number;
  /** Images that count by this rule. */
  n: number;
  sensitivity: Estimate;
  specificity: Estimate;
}

/**
 * Sensitivity and specificity under every rule for reads that were not evaluable: without them, as either call, and as wrong (intention to diagnose, the worst
 * case: Schuetz GM, Schlattmann P, Dewey M. BMJ 2012;345:e6717). Empty where every case was judged.
 */
export function notEvaluableRows(party: ReaderOpinions, known: Known, planned: NotEvaluableRule): NotEvaluableRow[] {
  const { reader, condition, calls, notEvaluable } = party;
  if (countOf(notEvaluable) === 0) return [];
  const count = (truth: 0 | 1) => imagesInAny(known, [truth], notEvaluable).length;
  return notEvaluableRules.map((rule) => {
    const right = (truth: 0 | 1) => {
      const own = [...imagesInAny(known, [truth], calls, notEvaluable)].flatMap((place) => {
        const call = notEvaluable[place] === 1 ? callUnder(rule, truth) : calls[place];
        return call === undefined ? [] : [{ cluster: known.cluster[place] ?? 0, isRight: call === truth }];
      });
      return clusteredProportion({
        outcome: own.map(({ isRight }) => (isRight ? 1 : 0)),
        cluster: own.map(({ cluster }) => cluster),
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
