import { normal, seededRandom, seedOf, shuffled } from "@/core/random";
import type { Direction, Tail } from "@/core/stats/types";

export interface Draw {
  /** In [0, 1). */
  fraction: () => number;
  normal: () => number;
  /** Both bounds included. */
  whole: (from: number, to: number) => number;
  pick: <Value>(values: readonly Value[]) => Value;
  isOne: (chance: number) => boolean;
  shuffled: <Value>(values: readonly Value[]) => Value[];
  many: <Value>(count: number, make: (index: number) => Value) => Value[];
}

export function drawing(seed: number, index: number): Draw {
  const random = seededRandom(seedOf("fuzz-r", seed, index));
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 8; i++) random();
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  return {
    fraction: random,
    normal: () => normal(random),
    whole,
    pick: (values) => {
      const value = values[whole(0, values.length - 1)];
      if (value === undefined) throw new Error("there is nothing to pick from");
      return value;
    },
    isOne: (chance) => random() < chance,
    shuffled: (values) => shuffled(values, whole(0, 2 ** 31)),
    many: (count, make) => Array.from({ length: count }, (_, i) => make(i)),
  };
}

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

export const drawTail = (draw: Draw): Tail => draw.pick(["two-sided", "greater", "less"]);
export const drawDirection = (draw: Draw): Direction => draw.pick(["higher", "lower"]);

/** Both classes, in any order; sometimes one unit in a class. */
export function drawTruth(draw: Draw): number[] {
  const most = draw.pick([3, 8, 15, 40, 40]);
  const [a, b] = [draw.isOne(0.08) ? 1 : draw.whole(1, most), draw.whole(1, most)];
  const [positives, negatives] = draw.isOne(0.5) ? [a, b] : [b, a];
  return draw.shuffled([...new Array<number>(positives).fill(1), ...new Array<number>(negatives).fill(0)]);
}

/** Scores of many shapes: continuous, rounded, rated, nearly or wholly constant, separated either way, far from 0. */
export function drawScore(draw: Draw, truth: readonly number[]): number[] {
  const effect = draw.pick([-1, 0, 0.5, 1, 2]);
  const latent = truth.map((y) => effect * y + draw.normal());
  const shape = draw.whole(0, 11);
  if (shape === 0) return truth.map(() => draw.pick([0, 1, 0.1, -3.5]));
  if (shape === 1) return latent;
  if (shape === 2) return latent.map((value) => rounded(value, 1));
  if (shape === 3) return latent.map((value) => Math.round(value));
  if (shape === 4) {
    const levels = draw.whole(2, 5);
    return latent.map((value) => Math.min(levels, Math.max(1, Math.round(value + levels / 2))));
  }
  if (shape === 5) return latent.map((value) => rounded(1 / (1 + Math.exp(-value)), 2));
  if (shape === 6) return latent.map((value) => (value > 0.5 ? 1 : 0));
  if (shape === 7) return truth.map((y, i) => (draw.isOne(0.1) ? (latent[i] ?? 0) : y));
  if (shape === 8) return truth.map((y) => 10 * y + draw.whole(0, 4));
  if (shape === 9) return truth.map((y) => -10 * y + draw.whole(0, 4));
  if (shape === 10) return latent.map((value) => rounded(1e6 + value, 2));
  const constant = draw.pick([0, 0.3, 7]);
  return truth.map(() => constant);
}

/** Another score of the same units: its own, the same, the same ranks, or the same with a few changes. */
export function drawSecondScore(draw: Draw, truth: readonly number[], first: readonly number[]): number[] {
  const kind = draw.whole(0, 6);
  if (kind === 0) return [...first];
  if (kind === 1) return first.map((value) => 2 * value + 1);
  if (kind === 2) return first.map((value) => -value);
  if (kind < 5) return first.map((value) => (draw.isOne(0.3) ? value + draw.pick([-1, 1, 0.5]) : value));
  return drawScore(draw, truth);
}

/** One id a unit: each its own, one for all, pairs, a few, or runs. */
export function drawClusters(draw: Draw, units: number): (string | number)[] {
  const kind = draw.whole(0, 9);
  const groups = draw.pick([2, 3, 5, 12, units]);
  const numbers = draw.many(units, (i) => {
    if (kind === 0) return i;
    if (kind === 1) return 0;
    if (kind === 2) return Math.floor(i / 2);
    if (kind === 3) return Math.floor(i / Math.max(1, Math.ceil(units / groups)));
    return draw.whole(1, groups);
  });
  return draw.isOne(0.5) ? numbers.map((id) => `p${id}`) : numbers;
}

export interface ClusteredUnits {
  truth: number[];
  scores: number[][];
  cluster: (string | number)[];
}

/** Clustered units with some scores. One time in eight the clusters are copies of each other: there is no variance between them. */
export function drawClusteredUnits(draw: Draw, scoreCount: number): ClusteredUnits {
  const truth = drawTruth(draw);
  const first = drawScore(draw, truth);
  const others = draw.many(scoreCount - 1, () => drawSecondScore(draw, truth, first));
  const scores = [first, ...others];
  if (!draw.isOne(1 / 8) || truth.length > 20) return { truth, scores, cluster: drawClusters(draw, truth.length) };
  const copies = draw.whole(2, 4);
  const repeat = (values: readonly number[]) => draw.many(copies, () => values).flat();
  return {
    truth: repeat(truth),
    scores: scores.map(repeat),
    cluster: draw.many(copies, (copy) => truth.map(() => copy)).flat(),
  };
}

/** Values of one group: continuous, rounded, tied, constant. */
export function drawValues(draw: Draw, count: number): number[] {
  const [centre, digits] = [draw.pick([0, 0, 0.5, 1, 100]), draw.pick([0, 1, 1, 12])];
  const constant = draw.pick([0, 0.1, 0.7, 2]);
  const isConstant = draw.isOne(0.07);
  return draw.many(count, () => (isConstant ? constant : rounded(centre + draw.normal(), digits)));
}
