import { checkScored } from "../input";
import type { Scored } from "../types";
import { sortDoubles } from "./sort-doubles";
import { firstNotBelow } from "./structural-components";

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
  const levels = levelsOf(suspicion);
  const level = Int32Array.from(suspicion, (value) => firstNotBelow(levels, value, 0));
  const starts = startsOf(level, levels.length);
  const order = new Uint32Array(level.length);
  const next = starts.slice();
  for (const [unit, rank] of level.entries()) {
    const at = next[rank] ?? 0;
    order[at] = unit;
    next[rank] = at + 1;
  }
  return {
    order,
    starts,
    thresholds: Float64Array.from(levels, (_, rank) => score[order[starts[rank] ?? 0] ?? 0] ?? 0),
    isPositive: Uint8Array.from(truth),
  };
}

/** The different values, ascending; NaN is none. */
export function levelsOf(values: Float64Array): Float64Array {
  const sorted = values.filter((value) => !Number.isNaN(value));
  sortDoubles(sorted);
  return sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
}

/** Where each of the values 0 .. `count` - 1 begins in a list sorted by them; one entry more than there are values. */
export function startsOf(values: Int32Array, count: number): Uint32Array {
  const from = new Uint32Array(count + 1);
  for (const value of values) from[value + 1] = (from[value + 1] ?? 0) + 1;
  for (let value = 1; value <= count; value++) from[value] = (from[value] ?? 0) + (from[value - 1] ?? 0);
  return from;
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
