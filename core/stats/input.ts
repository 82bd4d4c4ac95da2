import { StatsError } from "./errors";
import type { Scored } from "./types";

/** The scores of each class in input order, turned so that higher is more suspicious. */
export interface Classes {
  positives: Float64Array;
  negatives: Float64Array;
}

interface NamedScores extends Scored {
  /** What the score is called in a message. */
  name?: string;
}

/**
 * @returns the number of positive units
 * @throws StatsError unless truth is 0/1 with both classes present, scores are finite, and both are of one length
 */
export function checkScored({ truth, score, name = "score" }: NamedScores): number {
  checkLengths({ truth, [name]: score });
  if (truth.length === 0) throw new StatsError("empty", "There is no unit; give at least one of each class.");
  let positives = 0;
  for (let i = 0; i < truth.length; i++) {
    const value = truth[i];
    if (value !== 0 && value !== 1)
      throw new StatsError("not_binary", `truth[${i}] is ${value}; it must be 0 or 1.`, i);
    positives += value;
    if (!Number.isFinite(score[i]))
      throw new StatsError("not_finite", `${name}[${i}] is ${score[i]}; leave units without a score out.`, i);
  }
  if (positives === 0 || positives === truth.length) {
    const [has, lacks] = positives === 0 ? ["negative", "positive"] : ["positive", "negative"];
    throw new StatsError("one_class", `Every truth is ${has}; give at least one ${lacks} unit.`, 0);
  }
  return positives;
}

/** @throws StatsError as `checkScored` */
export function splitByTruth(input: NamedScores): Classes {
  const { truth, score, direction } = input;
  const m = checkScored(input);
  const positives = new Float64Array(m);
  const negatives = new Float64Array(truth.length - m);
  const sign = direction === "higher" ? 1 : -1;
  let [p, n] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    const value = sign * (score[i] ?? 0);
    if (truth[i] === 1) positives[p++] = value;
    else negatives[n++] = value;
  }
  return { positives, negatives };
}

/** @throws StatsError unless every list is of the length of the first */
export function checkLengths(lists: Readonly<Record<string, ArrayLike<unknown>>>): void {
  const [first, ...others] = Object.entries(lists);
  for (const [name, values] of others) {
    if (first && values.length !== first[1].length)
      throw new StatsError(
        "length_mismatch",
        `${first[0]} has ${first[1].length} values but ${name} has ${values.length}; give one a unit.`,
        Math.min(values.length, first[1].length),
      );
  }
}

/** @throws StatsError unless every value is 0 or 1 */
export function checkBinary(lists: Readonly<Record<string, ArrayLike<number>>>): void {
  for (const [name, values] of Object.entries(lists)) {
    for (let i = 0; i < values.length; i++) {
      if (values[i] !== 0 && values[i] !== 1)
        throw new StatsError("not_binary", `${name}[${i}] is ${values[i]}; it must be 0 or 1.`, i);
    }
  }
}

export const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** @throws StatsError unless every value is a whole number, 0 or more */
export function checkCounts(counts: Readonly<Record<string, number>>): void {
  for (const [index, [name, value]] of Object.entries(counts).entries()) {
    if (!isCount(value))
      throw new StatsError("not_a_count", `${name} is ${value}; it must be a whole number, 0 or more.`, index);
  }
}

/** @throws StatsError unless every row has the cells of the first and every cell is a count */
export function checkTable(table: readonly (readonly number[])[]): void {
  const width = table[0]?.length ?? 0;
  for (const [index, row] of table.entries()) {
    if (row.length !== width)
      throw new StatsError("length_mismatch", `Row ${index} has ${row.length} cells; row 0 has ${width}.`, index);
    checkCounts(Object.fromEntries(row.map((cell, j) => [`table[${index}][${j}]`, cell])));
  }
}

/** @throws StatsError unless every value of every list is finite */
export function checkFinite(lists: Readonly<Record<string, ArrayLike<number>>>): void {
  for (const [name, values] of Object.entries(lists)) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i]))
        throw new StatsError("not_finite", `${name}[${i}] is ${values[i]}; leave missing values out.`, i);
    }
  }
}

/** @throws StatsError unless every value lies in the range, bounds included */
export function checkRange(values: Readonly<Record<string, number>>, [from, to]: readonly [number, number]): void {
  for (const [index, [name, value]] of Object.entries(values).entries()) {
    if (!(value >= from && value <= to))
      throw new StatsError("out_of_range", `${name} is ${value}; it must lie in ${from}..${to}.`, index);
  }
}

/** @throws StatsError unless every value is above 0 and finite */
export function checkPositive(values: Readonly<Record<string, number>>): void {
  for (const [index, [name, value]] of Object.entries(values).entries()) {
    if (!(value > 0 && value < Infinity))
      throw new StatsError("out_of_range", `${name} is ${value}; it must be above 0.`, index);
  }
}
