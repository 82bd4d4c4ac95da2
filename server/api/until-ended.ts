import { setTimeout as wait } from "node:timers/promises";
import type { JobState } from "@/server/schemas/job";

/** Milliseconds between two looks. */
const interval = 500;

/** Work of the worker as it goes on, for a subscription: looked at until it ends or nobody listens any more, and told when it has changed. */
export async function* untilEnded<T extends { state: JobState }>(
  signal: AbortSignal | undefined,
  look: () => Promise<T>,
): AsyncGenerator<T> {
  let seen = "";
  while (!signal?.aborted) {
    const job = await look();
    const now = JSON.stringify(job);
    if (now !== seen) yield job;
    seen = now;
    if (job.state !== "queued" && job.state !== "running") return;
    await wait(interval, undefined, { signal }).catch(() => {});
  }
}
