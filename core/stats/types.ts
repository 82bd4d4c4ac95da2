import type { Said, WordKey, WordValues } from "../words";

/** Which scores are more suspicious: `higher` calls positive at score >= threshold, `lower` at score <= threshold. */
export type Direction = "higher" | "lower";

/** The alternative of a test: the first differs from, exceeds, or falls below the second (or the null value). */
export type Tail = "two-sided" | "greater" | "less";

/** Truth (0/1) and a score, one a unit. Plain or typed arrays; never changed. */
export interface Scored {
  truth: ArrayLike<number>;
  score: ArrayLike<number>;
  direction: Direction;
}

/** Two scores of the same units. */
export interface PairedScores {
  truth: ArrayLike<number>;
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  direction: Direction;
}

/** Pairs by who was positive (or right). */
export interface PairedCounts {
  both: number;
  firstOnly: number;
  secondOnly: number;
  neither: number;
}

/** Limits of a 95 % interval. */
export type Limits = [lower: number, upper: number];

/** The part of an interval of a difference of fractions that such a difference can be: what its test leaves of -1..1. */
export const possible = ([lower, upper]: Limits): Limits => [Math.max(-1, lower), Math.min(1, upper)];

/** An estimate with its 95 % interval. Fractions are 0..1, never per cent. */
export interface Estimated {
  estimate: number;
  /** Null when the interval is not estimable; `caution` then says why. */
  lower: number | null;
  upper: number | null;
  method: Said;
  /** Units behind it: images, unless the method says otherwise. */
  n: number;
  /** Why the interval is missing, or says less than it seems to. */
  caution?: Said;
}

export interface NotEstimable {
  estimate: null;
  lower: null;
  upper: null;
  /** Why, for the page. */
  reason: Said;
  /** Something over 0: a ratio without bound. */
  infinite?: true;
  method: Said;
  n: number;
}

/** Nothing in this folder returns NaN or an infinite number: what cannot be estimated says so. */
export type Estimate = Estimated | NotEstimable;

export function notEstimable({ reason, method, n }: { reason: Said; method: Said; n: number }): NotEstimable {
  return { estimate: null, lower: null, upper: null, reason, method, n };
}

/** An estimate without an interval, and why. */
export function withoutInterval(about: { estimate: number; method: Said; n: number; caution: Said }): Estimated {
  return { lower: null, upper: null, ...about };
}

type OfStats<Key> = Key extends `stats.${infer Name}` ? Exclude<Name, `method.${string}`> : never;

/** A reason or a caution, in words of `core/words/<language>/stats.json`. */
export const because = (name: OfStats<WordKey>, values?: WordValues): Said =>
  values ? { key: `stats.${name}`, values } : { key: `stats.${name}` };

type OfMethods<Key> = Key extends `stats.method.${infer Name}` ? Name : never;

/** The name of a method, in words of `core/words/<language>/stats.json`. */
export const by = (name: OfMethods<WordKey>, values?: WordValues): Said =>
  values ? { key: `stats.method.${name}`, values } : { key: `stats.method.${name}` };

/** One caution of several; none of none. */
export const together = (cautions: readonly (Said | undefined)[]): Said | undefined =>
  cautions
    .filter((each) => each !== undefined)
    .reduceRight<Said | undefined>((second, first) => (second ? because("both", { first, second }) : first), undefined);

/** The cautions that were put together. */
export const apart = (caution: Said): Said[] =>
  caution.key === "stats.both"
    ? Object.values(caution.values ?? {}).flatMap((each) => (typeof each === "object" ? apart(each) : []))
    : [caution];
