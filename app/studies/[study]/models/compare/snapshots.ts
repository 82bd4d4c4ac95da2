import type { Run } from "@/server/schemas/model";

/** Runs by what they stand on: the same images in the same folds have the same hash, and were frozen anew for each. */
export const bySnapshot = <R extends Pick<Run, "snapshotSha256">>(runs: readonly R[]): Map<string, R> =>
  new Map(runs.map((run) => [run.snapshotSha256, run]));
