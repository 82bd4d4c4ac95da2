/** Every stop, crash and expiry of a worker takes a retry: a run of weeks has many, and none is a fault of the run. The last depth of a sweep may wait for weeks, too. */
const retries = {
  retryLimit: 100_000,
  retryDelay: 1,
  retryBackoff: false,
  expireInSeconds: 60 * 60 * 23,
  retentionDays: 3_650,
} as const;

/** The queues of pg-boss. A training may run for days: it is kept alive by its worker's heartbeat, and goes on from its checkpoint after an expiry. */
export const queues = {
  /** What a finished run is asked for: scores, explanations, files. */
  task: { name: "task", ...retries },
  train: { name: "train", ...retries },
  /** Comparisons of readers and network. */
  analyse: { name: "analyse", ...retries },
  /** The data of a stored comparison, with what recomputes it, as one file. */
  bundle: { name: "bundle", ...retries },
  /** The paper out of a comparison: Word and PDF. */
  report: { name: "report", ...retries },
} as const;
