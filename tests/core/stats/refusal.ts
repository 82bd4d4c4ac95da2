import { StatsError } from "@/core/stats/errors";

/** Code and place of the refusal, or what happened instead. */
export function refusalOf(compute: () => unknown): unknown {
  try {
    compute();
  } catch (error) {
    return error instanceof StatsError ? { code: error.code, index: error.index } : error;
  }
  return "nothing thrown";
}
