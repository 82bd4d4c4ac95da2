import { checkScored } from "./input";
import { type Estimate, notEstimable } from "./types";

export interface PrecisionRecallPoint {
  /** Positive when score >= threshold. */
  threshold: number;
  precision: number;
  recall: number;
}

export interface PrecisionRecall {
  /** One point a distinct score, thresholds descending. Empty without a positive image. */
  points: PrecisionRecallPoint[];
  averagePrecision: Estimate;
  /** What a score without skill reaches; null without images. */
  prevalence: number | null;
}

/**
 * The precision-recall curve and average precision: sum over descending thresholds of (R_k - R_(k-1)) P_k, without interpolation.
 *
 * Davis J, Goadrich M. ICML 2006:233-240; Boyd K, Eng KH, Page CD. ECML PKDD 2013:451-466 (the estimator). A trapezoid between the points
 * would be optimistic. A higher score is more suspicious; tied images enter together. No interval here: bootstrap by patient. Without a
 * positive image it is not estimable.
 * @throws StatsError when lengths differ, truth is not 0/1, or a score is not finite
 */
export function precisionRecall(input: { truth: readonly number[]; score: readonly number[] }): PrecisionRecall {
  checkScored(input);
  const method = "average precision";
  const n = input.truth.length;
  const images = input.score.map((score, i) => ({ score, truth: input.truth[i] })).sort((a, b) => b.score - a.score);
  const positives = images.filter(({ truth }) => truth === 1).length;
  const prevalence = n === 0 ? null : positives / n;
  if (positives === 0) {
    const reason = "there is no positive image";
    return { points: [], averagePrecision: notEstimable({ reason, method, n }), prevalence };
  }
  const points: PrecisionRecallPoint[] = [];
  let found = 0;
  let estimate = 0;
  for (const [i, { score, truth }] of images.entries()) {
    if (truth === 1) found++;
    if (images[i + 1]?.score === score) continue;
    const point = { threshold: score, precision: found / (i + 1), recall: found / positives };
    estimate += (point.recall - (points.at(-1)?.recall ?? 0)) * point.precision;
    points.push(point);
  }
  const caution = "no interval: bootstrap by patient";
  return { points, averagePrecision: { estimate, lower: null, upper: null, method, n, caution }, prevalence };
}
