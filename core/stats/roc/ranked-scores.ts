import { checkScored } from "../input";
import type { Scored } from "../types";

/** Units in order of falling suspicion, equal scores in one level. Made once, walked once a bootstrap replicate. */
export interface Ranked {
  order: Uint32Array;
  /** Where each level starts in `order`; one entry more than there are levels. */
  starts: Uint32Array;
  /** The score of each level, as given. */
  thresholds: Float64Array;
  isPositive: Uint8Array;
}

/** @throws StatsError when lengths differ, truth is not 0/1, a class is empty, or a score is not finite */
export function rankScores(input: Scored): Ranked {
  checkScored(input);
  const { truth, score, direction } = input;
  const sign = direction === "higher" ? -1 : 1;
  const suspicion = Float64Array.from(score, (value) => sign * value);
  const order = Uint32Array.from(suspicion.keys()).sort((a, b) => (suspicion[a] ?? 0) - (suspicion[b] ?? 0));
  const starts: number[] = [];
  for (const [at, unit] of order.entries()) {
    if (at === 0 || suspicion[unit] !== suspicion[order[at - 1] ?? 0]) starts.push(at);
  }
  return {
    order,
    starts: Uint32Array.from([...starts, order.length]),
    thresholds: Float64Array.from(starts, (at) => score[order[at] ?? 0] ?? 0),
    isPositive: Uint8Array.from(truth),
  };
}

/** The area when units count as often as their weight; null when a class has no weight. */
export function weightedAuc(ranked: Ranked, weights: ArrayLike<number>): number | null {
  const { order, starts, isPositive } = ranked;
  let [tp, fp, area] = [0, 0, 0];
  for (let level = 0; level + 1 < starts.length; level++) {
    let [positive, negative] = [0, 0];
    for (let at = starts[level] ?? 0; at < (starts[level + 1] ?? 0); at++) {
      const unit = order[at] ?? 0;
      const weight = weights[unit] ?? 0;
      if (isPositive[unit] === 1) positive += weight;
      else negative += weight;
    }
    area += negative * (tp + positive / 2);
    tp += positive;
    fp += negative;
  }
  return tp === 0 || fp === 0 ? null : area / (tp * fp);
}
