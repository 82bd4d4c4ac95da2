import { clusteredProportion } from "../clustered/clustered-proportion";
import { type Ids, numberClusters } from "../clustered/clusters";
import type { ConfusionCounts } from "../counts/confusion";
import { wilson } from "../counts/proportion";
import { checkFinite } from "../input";
import { rankScores } from "../roc/ranked-scores";
import type { Estimate, Scored } from "../types";

/** One operating point: counts of units, fractions 0..1. */
export interface ThresholdRow extends ConfusionCounts {
  /** Positive when the score is at least this suspicious. In the unit of the score. */
  threshold: number;
  sensitivity: Estimate;
  specificity: Estimate;
  /** Holds at the prevalence of these units only (see `predictiveValuesAt`). No unit called positive: not estimable. */
  ppv: Estimate;
  /** As `ppv`. */
  npv: Estimate;
  /** Sensitivity + specificity - 1. */
  youden: number;
}

/**
 * What a score does at each threshold: counts, sensitivity, specificity, PPV, NPV and Youden's J (Youden WJ. Cancer
 * 1950;3:32-35).
 *
 * A unit is positive when its score is >= the threshold (direction `higher`) or <= it (`lower`): a score equal to the
 * threshold is positive. With clusters (patients) intervals are those of `clusteredProportion`, each over the units of
 * its own denominator; without, Wilson's (`wilson`), which takes units as independent. Intervals are row by row, not
 * simultaneous, and a row chosen for its numbers is optimistic on the same units (Leeflang MMG et al. Clin Chem
 * 2008;54:729-737): choose it on tuning data. One unit of a class: a share of 0 or 1, with a wide Wilson interval, or
 * none when clustered. 0/0 is not estimable.
 * @param options.cluster one id a unit; null: independent units
 * @param options.thresholds rows as asked for, in that order; `every`: one a distinct score, by falling suspicion
 * @example thresholdTable({ truth: [0, 1], score: [1, 2], direction: "lower", cluster: null, thresholds: [1] })[0].fp // 1
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score or threshold is not finite
 */
export function thresholdTable(
  options: Scored & { cluster: Ids | null; thresholds: "every" | ArrayLike<number> },
): ThresholdRow[] {
  const { truth, score, direction } = options;
  const ranked = rankScores(options);
  const cluster = options.cluster === null ? null : numberClusters(options.cluster, truth.length).of;
  const thresholds = options.thresholds === "every" ? ranked.thresholds : options.thresholds;
  checkFinite({ thresholds });
  const units = Array.from({ length: truth.length }, (_, i) => i);
  const isDiseased = (i: number) => truth[i] === 1;
  const positives = units.filter(isDiseased);
  const negatives = units.filter((i) => !isDiseased(i));
  return Array.from(thresholds, (threshold) => {
    const isCalled = (i: number) => {
      const value = score[i] ?? 0;
      return direction === "higher" ? value >= threshold : value <= threshold;
    };
    const isCleared = (i: number) => !isCalled(i);
    const share = (among: number[], isEvent: (i: number) => boolean) => shareOf(among, isEvent, cluster);
    const tp = positives.filter(isCalled).length;
    const tn = negatives.filter(isCleared).length;
    return {
      threshold,
      tp,
      fn: positives.length - tp,
      tn,
      fp: negatives.length - tn,
      sensitivity: share(positives, isCalled),
      specificity: share(negatives, isCleared),
      ppv: share(units.filter(isCalled), isDiseased),
      npv: share(units.filter(isCleared), (i) => !isDiseased(i)),
      youden: tp / positives.length + tn / negatives.length - 1,
    };
  });
}

function shareOf(among: number[], isEvent: (i: number) => boolean, cluster: Int32Array | null): Estimate {
  if (cluster === null) return wilson({ events: among.filter(isEvent).length, n: among.length });
  const outcome = among.map((i) => (isEvent(i) ? 1 : 0));
  return clusteredProportion({ outcome, cluster: among.map((i) => cluster[i] ?? 0) }).proportion;
}
