export type StatsErrorCode = "empty" | "lengths_differ" | "not_finite" | "not_binary" | "negative" | "not_an_integer";

/** Input that no statistic can be computed from. What is merely undefined (0/0) is a `NotEstimable` result instead. */
export class StatsError extends Error {
  override name = "StatsError";
  constructor(
    readonly code: StatsErrorCode,
    message: string,
    readonly index?: number,
  ) {
    super(message);
  }
}

/** @throws StatsError unless both have the same length, above zero */
export function sameLength(first: ArrayLike<unknown>, second: ArrayLike<unknown>): void {
  if (first.length !== second.length)
    throw new StatsError("lengths_differ", `${first.length} values stand against ${second.length}; they must pair up.`);
  if (first.length === 0) throw new StatsError("empty", "There are no values.");
}

/** @throws StatsError at the first value that is not a finite number */
export function allFinite(values: ArrayLike<number>, name: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      throw new StatsError("not_finite", `${name}[${i}] is ${values[i]}; a finite number is needed.`, i);
  }
}

/** @throws StatsError at the first value that is neither 0 nor 1 */
export function allBinary(values: ArrayLike<number>, name: string): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0 && values[i] !== 1)
      throw new StatsError("not_binary", `${name}[${i}] is ${values[i]}; 0 or 1 is needed.`, i);
  }
}

/** @throws StatsError unless it is a whole number from 0 up */
export function count(value: number, name: string): void {
  if (!Number.isInteger(value))
    throw new StatsError("not_an_integer", `${name} is ${value}; a whole number is needed.`);
  if (value < 0) throw new StatsError("negative", `${name} is ${value}; a count is not negative.`);
}
