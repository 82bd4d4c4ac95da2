import { because, by, type Estimate, type Scored, withoutInterval } from "../types";
import { type Ranked, rankScores } from "./ranked-scores";

export interface PrecisionRecallPoint {
  /** Positive when the score is at least this suspicious. */
  threshold: number;
  precision: number;
  recall: number;
}

export interface PrecisionRecall {
  /** One point a distinct score, by falling suspicion. */
  points: PrecisionRecallPoint[];
  averagePrecision: Estimate;
  /** The area under straight lines between the points, from recall 0 and precision 1: optimistic, given only to be told apart. */
  trapezoid: number;
  /** What a score without skill reaches. */
  prevalence: number;
}

/**
 * The precision-recall curve and average precision: sum over descending thresholds of (R_k - R_(k-1)) P_k, without interpolation.
 *
 * Davis J, Goadrich M. ICML 2006:233-240; Boyd K, Eng KH, Page CD. ECML PKDD 2013:451-466 (the estimator). Tied units enter together. No
 * interval here: bootstrap by patient.
 * @example precisionRecall({ truth: [0, 0, 1, 1], score: [1, 3, 2, 4], direction: "higher" }).averagePrecision.estimate // 0.8333
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score is not finite
 */
export function precisionRecall(input: Scored): PrecisionRecall {
  const { order, starts, thresholds, isPositive } = rankScores(input);
  const n = order.length;
  const positives = isPositive.reduce((sum, one) => sum + one, 0);
  const points: PrecisionRecallPoint[] = [];
  let found = 0;
  let estimate = 0;
  let trapezoid = 0;
  for (const [level, threshold] of thresholds.entries()) {
    const end = starts[level + 1] ?? n;
    for (const unit of order.subarray(starts[level], end)) found += isPositive[unit] ?? 0;
    const before = points.at(-1) ?? { precision: 1, recall: 0 };
    const point = { threshold, precision: found / end, recall: found / positives };
    estimate += (point.recall - before.recall) * point.precision;
    trapezoid += ((point.recall - before.recall) * (point.precision + before.precision)) / 2;
    points.push(point);
  }
  const caution = because("bootstrap_instead");
  const averagePrecision = withoutInterval({ estimate, method: by("average_precision"), n, caution });
  return { points, averagePrecision, trapezoid, prevalence: positives / n };
}

/** Average precision of units that count as often as their weight, for a bootstrap; null when no positive unit has weight. */
export function averagePrecisionOf({ order, starts, isPositive }: Ranked, weights: ArrayLike<number>): number | null {
  let [found, called, sum] = [0, 0, 0];
  for (let level = 0; level + 1 < starts.length; level++) {
    let positive = 0;
    for (let at = starts[level] ?? 0; at < (starts[level + 1] ?? 0); at++) {
      const unit = order[at] ?? 0;
      const weight = weights[unit] ?? 0;
      called += weight;
      if (isPositive[unit] === 1) positive += weight;
    }
    found += positive;
    if (called > 0) sum += (positive * found) / called;
  }
  return found === 0 ? null : sum / found;
}
