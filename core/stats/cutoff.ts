import { rocPoints } from "./roc";

export interface Cutoff {
  /** Positive when score >= threshold. */
  threshold: number;
  sensitivity: number;
  specificity: number;
}

export interface BestCutoffs {
  /** The largest sensitivity + specificity - 1, and every threshold that reaches it, ascending. */
  youden: { j: number; cutoffs: Cutoff[] };
  /** The smallest squared distance to sensitivity = specificity = 1, and every threshold that reaches it, ascending. */
  topLeft: { distanceSquared: number; cutoffs: Cutoff[] };
}

/** Two sums of the same fractions differ by less than this. */
const rounding = 1e-12;

/**
 * The cut-offs that Youden's J (Youden WJ. Cancer 1950;3:32-35) and the distance to the top-left corner choose among the observed scores;
 * ties are all listed. Chosen and tested on the same images a cut-off is optimistic (Leeflang MMG et al. Clin Chem 2008;54:729-737): choose
 * on tuning data. A higher score is more suspicious. Null when a class is empty.
 * @throws StatsError when lengths differ, truth is not 0/1, or a score is not finite
 */
export function bestCutoffs(input: { truth: readonly number[]; score: readonly number[] }): BestCutoffs | null {
  const cutoffs = rocPoints(input).flatMap(({ threshold, tpr, fpr }) =>
    threshold === null ? [] : [{ threshold, sensitivity: tpr, specificity: 1 - fpr }],
  );
  if (cutoffs.length === 0) return null;
  const jOf = ({ sensitivity, specificity }: Cutoff) => sensitivity + specificity - 1;
  const distanceOf = ({ sensitivity, specificity }: Cutoff) => (1 - sensitivity) ** 2 + (1 - specificity) ** 2;
  const j = cutoffs.reduce((best, cutoff) => Math.max(best, jOf(cutoff)), -1);
  const distanceSquared = cutoffs.reduce((best, cutoff) => Math.min(best, distanceOf(cutoff)), 2);
  const ascending = cutoffs.toReversed();
  return {
    youden: { j, cutoffs: ascending.filter((cutoff) => jOf(cutoff) > j - rounding) },
    topLeft: {
      distanceSquared,
      cutoffs: ascending.filter((cutoff) => distanceOf(cutoff) < distanceSquared + rounding),
    },
  };
}
