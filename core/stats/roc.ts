import { z95 } from "./distributions";
import { allBinary, allFinite, sameLength } from "./errors";
import { type Estimate, notEstimable } from "./types";

/** Cases with their truth (1 = disease) and score (higher = more suspicious); arrays are parallel. */
export interface Scored {
  truth: ArrayLike<number>;
  score: ArrayLike<number>;
}

function check({ truth, score }: Scored): void {
  sameLength(truth, score);
  allBinary(truth, "truth");
  allFinite(score, "score");
}

/**
 * The empirical ROC curve: at threshold c a case is called positive when score >= c. Starts at (0, 0) with threshold +Infinity,
 * one point for each distinct score, ends at (1, 1). O(n log n).
 */
export function rocPoints(cases: Scored): { threshold: number; fpr: number; tpr: number }[] {
  check(cases);
  const { truth, score } = cases;
  const order = Array.from({ length: truth.length }, (_, i) => i).sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0));
  const positives = order.reduce((sum, i) => sum + (truth[i] ?? 0), 0);
  const negatives = truth.length - positives;
  const points = [{ threshold: Number.POSITIVE_INFINITY, fpr: 0, tpr: 0 }];
  let [tp, fp] = [0, 0];
  for (const [k, i] of order.entries()) {
    if (truth[i] === 1) tp += 1;
    else fp += 1;
    const next = order[k + 1];
    if (next !== undefined && score[next] === score[i]) continue;
    points.push({ threshold: score[i] ?? 0, fpr: negatives ? fp / negatives : 0, tpr: positives ? tp / positives : 0 });
  }
  return points;
}

/** Ranks from 1 with ties at their mean, in the order of the input. */
function midranks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let k = from; k < to; k++) ranks[order[k] ?? 0] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}

/**
 * DeLong's structural components: for each positive case the share of negatives below it (ties 1/2), for each negative the share of
 * positives above it; by midranks in O(n log n) (Sun & Xu 2014, eqs. 10-14). The AUC is the mean of either.
 */
export function placements({ truth, score }: Scored): {
  positives: Float64Array;
  negatives: Float64Array;
  auc: number;
} {
  const all = Array.from({ length: score.length }, (_, i) => score[i] ?? 0);
  const isPositive = all.map((_, i) => truth[i] === 1);
  const x = all.filter((_, i) => isPositive[i]);
  const y = all.filter((_, i) => !isPositive[i]);
  const overall = midranks(all);
  const [within, without] = [midranks(x), midranks(y)];
  const positives = new Float64Array(x.length);
  const negatives = new Float64Array(y.length);
  let [p, q] = [0, 0];
  for (const [i, rank] of overall.entries()) {
    if (isPositive[i]) {
      positives[p] = (rank - (within[p] ?? 0)) / y.length;
      p += 1;
    } else {
      negatives[q] = 1 - (rank - (without[q] ?? 0)) / x.length;
      q += 1;
    }
  }
  return { positives, negatives, auc: positives.reduce((sum, value) => sum + value, 0) / x.length };
}

/** Sample covariance. */
export function covariance(a: Float64Array, b: Float64Array): number {
  const meanA = a.reduce((sum, value) => sum + value, 0) / a.length;
  const meanB = b.reduce((sum, value) => sum + value, 0) / b.length;
  return a.reduce((sum, value, i) => sum + (value - meanA) * ((b[i] ?? 0) - meanB), 0) / (a.length - 1);
}

/**
 * Area under the empirical ROC curve: P(positive scores above negative) + P(tie)/2, with DeLong's variance and a 95 % interval clipped to [0, 1].
 *
 * Source: DeLong, DeLong, Clarke-Pearson, Biometrics 1988;44:837; algorithm Sun & Xu, IEEE SPL 2014;21:1389.
 * Assumes independent cases. The direction is fixed: higher is more suspicious, and an AUC below 1/2 stays there.
 * One class only: not estimable. Fewer than two of a class, or AUC 0 or 1: estimate without interval, because the variance is undefined or zero.
 * @example auc({ truth: [0, 0, 1, 1], score: [0.1, 0.4, 0.35, 0.8] }).estimate // 0.75
 */
export function auc(cases: Scored): Estimate & { variance?: number } {
  check(cases);
  const n = cases.truth.length;
  const method = "empirical AUC, DeLong, images as independent";
  const { positives, negatives, auc: estimate } = placements(cases);
  if (positives.length === 0 || negatives.length === 0)
    return notEstimable(`no ${positives.length === 0 ? "positive" : "negative"} case`, method, n);
  if (positives.length < 2 || negatives.length < 2)
    return { estimate, lower: null, upper: null, method: `${method}: no interval with a single case of a class`, n };
  const variance =
    covariance(positives, positives) / positives.length + covariance(negatives, negatives) / negatives.length;
  if (variance === 0)
    return {
      estimate,
      lower: null,
      upper: null,
      variance,
      method: `${method}: variance 0, so the interval says nothing`,
      n,
    };
  const half = z95 * Math.sqrt(variance);
  return { estimate, lower: Math.max(0, estimate - half), upper: Math.min(1, estimate + half), variance, method, n };
}
