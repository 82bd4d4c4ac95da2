import type { Scored } from "../types";
import { type Ranked, rankScores } from "./ranked-scores";
import { cutoffs } from "./roc-points";

export interface Cutoff {
  /** Positive when the score is at least this suspicious. */
  threshold: number;
  sensitivity: number;
  specificity: number;
}

export interface BestCutoffs {
  /** The largest sensitivity + specificity - 1, and every observed score that reaches it, by rising suspicion. */
  youden: { j: number; cutoffs: Cutoff[] };
  /** The smallest squared distance to sensitivity = specificity = 1, and every observed score that reaches it. */
  topLeft: { distanceSquared: number; cutoffs: Cutoff[] };
}

/** Two sums of the same fractions differ by less than this. */
const rounding = 1e-12;

/**
 * The cut-offs that Youden's J (Youden WJ. Cancer 1950;3:32-35) and the distance to the top-left corner (Perkins NJ, Schisterman EF. Am J
 * Epidemiol 2006;163:670-675) choose among the observed scores; ties are all listed. Chosen and tested on the same units a cut-off is
 * optimistic (Leeflang MMG et al. Clin Chem 2008;54:729-737): choose on tuning data. For an interval bootstrap `bestCutoffsOf`.
 * @example bestCutoffs({ truth: [0, 0, 1, 1], score: [1, 3, 2, 4], direction: "higher" }).youden.j // 0.5
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score is not finite
 */
export const bestCutoffs = (input: Scored): BestCutoffs => {
  const best = bestCutoffsOf(rankScores(input), null);
  return best ?? { youden: { j: 0, cutoffs: [] }, topLeft: { distanceSquared: 1, cutoffs: [] } };
};

/** The same with units that count as often as their weight; null when a class has no weight. */
export function bestCutoffsOf(ranked: Ranked, weights: ArrayLike<number> | null): BestCutoffs | null {
  const all = cutoffs(ranked, weights).map(({ threshold, tpr, fpr }) => ({
    threshold,
    sensitivity: tpr,
    specificity: 1 - fpr,
  }));
  if (all.length === 0) return null;
  const jOf = ({ sensitivity, specificity }: Cutoff) => sensitivity + specificity - 1;
  const distanceOf = ({ sensitivity, specificity }: Cutoff) => (1 - sensitivity) ** 2 + (1 - specificity) ** 2;
  const j = all.reduce((best, cutoff) => Math.max(best, jOf(cutoff)), -1);
  const distanceSquared = all.reduce((best, cutoff) => Math.min(best, distanceOf(cutoff)), 2);
  const rising = all.reverse();
  return {
    youden: { j, cutoffs: rising.filter((cutoff) => jOf(cutoff) > j - rounding) },
    topLeft: { distanceSquared, cutoffs: rising.filter((cutoff) => distanceOf(cutoff) < distanceSquared + rounding) },
  };
}

/**
 * The cut-off of a score that keeps a given fraction and no more: the least suspicious score with at least that specificity, or the most
 * suspicious one with at least that sensitivity. This is how a network is set to a reader's operating point; the other fraction is the largest
 * there is. For an interval bootstrap it by patient.
 * @param options.keep which of the two must be reached
 * @param options.atLeast the fraction, 0..1
 * @returns null when no observed score reaches it (a specificity above that of the strictest cut-off)
 * @example cutoffKeeping({ truth: [0, 0, 1, 1], score: [1, 3, 2, 4], direction: "higher", keep: "specificity", atLeast: 0.9 }).threshold // 4
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score is not finite
 */
export function cutoffKeeping(
  options: Scored & { keep: "sensitivity" | "specificity"; atLeast: number },
): Cutoff | null {
  return cutoffKeepingOf(rankScores(options), null, options);
}

export function cutoffKeepingOf(
  ranked: Ranked,
  weights: ArrayLike<number> | null,
  { keep, atLeast }: { keep: "sensitivity" | "specificity"; atLeast: number },
): Cutoff | null {
  const falling = cutoffs(ranked, weights);
  // Specificity falls and sensitivity rises along the list.
  const found =
    keep === "specificity"
      ? falling.findLast(({ fpr }) => 1 - fpr >= atLeast - rounding)
      : falling.find(({ tpr }) => tpr >= atLeast - rounding);
  return found ? { threshold: found.threshold, sensitivity: found.tpr, specificity: 1 - found.fpr } : null;
}
