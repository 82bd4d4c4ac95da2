import type { Scored } from "../types";
import { type Ranked, rankScores } from "./ranked-scores";

export interface RocPoint {
  fpr: number;
  tpr: number;
  /** Positive when the score is at least this suspicious; null at (0, 0), where nothing is called positive. */
  threshold: number | null;
}

/**
 * The empirical ROC curve, one point a distinct score, from (0, 0) to (1, 1).
 * @example rocPoints({ truth: [0, 1], score: [0.2, 0.8], direction: "higher" }).length // 3
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score is not finite
 */
export function rocPoints(input: Scored): RocPoint[] {
  const ranked = rankScores(input);
  return [{ fpr: 0, tpr: 0, threshold: null }, ...cutoffs(ranked, null)];
}

/**
 * The points of the curve by falling suspicion, without (0, 0); with weights (multiplicities of a bootstrap) units count as often.
 * Empty when a class has no weight.
 */
export function cutoffs(ranked: Ranked, weights: ArrayLike<number> | null) {
  const points: { fpr: number; tpr: number; threshold: number }[] = [];
  let [tp, fp] = [0, 0];
  for (const [level, threshold] of ranked.thresholds.entries()) {
    for (let at = ranked.starts[level] ?? 0; at < (ranked.starts[level + 1] ?? 0); at++) {
      const unit = ranked.order[at] ?? 0;
      const weight = weights ? (weights[unit] ?? 0) : 1;
      if (ranked.isPositive[unit] === 1) tp += weight;
      else fp += weight;
    }
    points.push({ fpr: fp, tpr: tp, threshold });
  }
  if (tp === 0 || fp === 0) return [];
  return points.map((point) => ({ ...point, fpr: point.fpr / fp, tpr: point.tpr / tp }));
}
