/** The queues of pg-boss. A training may run for hours: it is kept alive by its worker's heartbeat, not by a long expiry. */
export const queues = {
  train: { name: "train", retryLimit: 5, retryDelay: 1, retryBackoff: false, expireInSeconds: 60 * 60 * 12 },
} as const;
