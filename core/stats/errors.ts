export type StatsErrorCode =
  | "empty"
  | "one_class"
  | "length_mismatch"
  | "not_binary"
  | "not_finite"
  | "not_a_count"
  | "out_of_range"
  | "duplicate"
  | "unknown_image"
  | "truths_differ"
  | "too_long";

/**
 * Input on which no statistic is defined: a mistake of the caller. What is merely not estimable (0/0, no variance) is an
 * `Estimate` with a reason instead.
 */
export class StatsError extends Error {
  override name = "StatsError";
  constructor(
    readonly code: StatsErrorCode,
    message: string,
    /** Position of the first offending value, where there is one. */
    readonly index: number | null = null,
  ) {
    super(message);
  }
}
