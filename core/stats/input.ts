import { StatsError } from "./errors";

/** @throws StatsError unless truth is 0/1, scores are finite, and both are of one length */
export function checkScored({ truth, score }: { truth: readonly number[]; score: readonly number[] }): void {
  if (truth.length !== score.length)
    throw new StatsError(
      "length_mismatch",
      `${truth.length} truths but ${score.length} scores; give one score an image.`,
    );
  for (const [index, value] of truth.entries()) {
    if (value !== 0 && value !== 1)
      throw new StatsError("not_binary", `truth[${index}] is ${value}; it must be 0 or 1.`, index);
  }
  for (const [index, value] of score.entries()) {
    if (!Number.isFinite(value))
      throw new StatsError("not_finite", `score[${index}] is ${value}; leave images without a score out.`, index);
  }
}

/** @throws StatsError unless every value is a whole number, 0 or more */
export function checkCounts(counts: Readonly<Record<string, number>>): void {
  for (const [index, [name, value]] of Object.entries(counts).entries()) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new StatsError("not_a_count", `${name} is ${value}; it must be a whole number, 0 or more.`, index);
  }
}

/** @throws StatsError unless every value of every list is finite */
export function checkFinite(lists: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, values] of Object.entries(lists)) {
    for (const [index, value] of values.entries()) {
      if (!Number.isFinite(value))
        throw new StatsError("not_finite", `${name}[${index}] is ${value}; leave missing values out.`, index);
    }
  }
}
