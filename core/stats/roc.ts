import { z95 } from "./distributions";
import { checkScored } from "./input";
import { sampleVariance, structuralComponents } from "./structural-components";
import { type Estimate, notEstimable } from "./types";

export interface RocPoint {
  fpr: number;
  tpr: number;
  /** Positive when score >= threshold; null at (0, 0), where nothing is called positive. */
  threshold: number | null;
}

/**
 * The empirical ROC curve, one point a distinct score, from (0, 0) to (1, 1). Empty when a class is empty.
 * @throws StatsError when lengths differ, truth is not 0/1, or a score is not finite
 */
export function rocPoints(input: { truth: readonly number[]; score: readonly number[] }): RocPoint[] {
  checkScored(input);
  const images = input.score.map((score, i) => ({ score, truth: input.truth[i] })).sort((a, b) => b.score - a.score);
  const positives = images.filter(({ truth }) => truth === 1).length;
  const negatives = images.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const points: RocPoint[] = [{ fpr: 0, tpr: 0, threshold: null }];
  let tp = 0;
  let fp = 0;
  for (const [i, { score, truth }] of images.entries()) {
    if (truth === 1) tp++;
    else fp++;
    if (images[i + 1]?.score !== score) points.push({ fpr: fp / negatives, tpr: tp / positives, threshold: score });
  }
  return points;
}

/**
 * Area under the empirical ROC curve (Mann-Whitney; ties 1/2) with the DeLong interval, clipped to 0..1.
 *
 * variance = S10/m + S01/n (DeLong ER et al. Biometrics 1988;44:837-845), interval AUC ± z SE. Assumes independent images.
 * An empty class is not estimable; one image in a class leaves the area without an interval; a variance of 0 (AUC 0 or 1, constant
 * scores) gives an interval of no width, with a caution.
 * @param options.method replaces the method name, e.g. to say that clustering was ignored
 * @throws StatsError when lengths differ, truth is not 0/1, or a score is not finite
 */
export function auc(options: { truth: readonly number[]; score: readonly number[]; method?: string }): Estimate {
  const { truth, score, method = "empirical AUC, DeLong" } = options;
  const { auc: estimate, positives, negatives } = structuralComponents({ truth, score });
  const n = truth.length;
  if (estimate === null)
    return notEstimable({ reason: `there is no ${positives.length === 0 ? "positive" : "negative"} image`, method, n });
  if (positives.length < 2 || negatives.length < 2)
    return { estimate, lower: null, upper: null, method, n, caution: "the variance needs two images of each class" };
  const variance = sampleVariance(positives) / positives.length + sampleVariance(negatives) / negatives.length;
  const half = z95 * Math.sqrt(variance);
  return {
    estimate,
    lower: Math.max(0, estimate - half),
    upper: Math.min(1, estimate + half),
    method,
    n,
    ...(variance === 0 ? { caution: "the variance is 0: the interval is not informative" } : {}),
  };
}
