import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { runIsolated } from "@/worker/isolated";
import type { LookMessage, LookOrder } from "./look-process";
import { askForOlderLooks, giveLookBack, isThereToLook, keepLook, noteLook, type TakenLook, takeLook } from "./looks";

const heartbeatMilliseconds = 4_000;
const pollMilliseconds = 1_000;
/** A process that has its networks loaded is kept so long without an image: files of an upload come one after the other. */
const idleMilliseconds = 20_000;
/** A frame of the largest picture takes a tenth of it, on a machine with nothing else to do. */
const longestFrameMilliseconds = 180_000;
const longestLoadMilliseconds = 180_000;
/** What was begun so often and never ended is held for a person. */
const mostAttempts = 3;
/** After a fault of the machine: the store is away, or memory. */
const pauseMilliseconds = 5_000;
const olderMilliseconds = 3_600_000;

const module = fileURLToPath(new URL("./look-process.ts", import.meta.url));

interface Options {
  signal: AbortSignal;
  log: Pick<Logger, "info" | "error">;
  /** For how long the process is kept when there is nothing to look at. */
  idle?: number;
}

/**
 * Looks at every image that there is to look at, one at a time, in a process of its own that ends when nothing comes any more. What was not recorded when it was killed is
 * looked at again; so is what was at hand when the store was away or the worker stopped, and that counts as no attempt.
 * @throws as `runIsolated`
 */
export async function lookAtImages({ signal, log, idle = idleMilliseconds }: Options): Promise<void> {
  let current: TakenLook | null = null;
  let isStoreAway = false;
  const ended = new AbortController();
  const within = (milliseconds: number, otherwise: string) =>
    setTimeout(() => ended.abort(new Error(otherwise)), milliseconds);
  let limit: NodeJS.Timeout | undefined;

  const next = async (patience: number): Promise<TakenLook | null> => {
    for (const end = Date.now() + patience; ; await wait(pollMilliseconds, undefined, { signal })) {
      const taken = await takeLook();
      if (taken && taken.attempts > mostAttempts) {
        log.error({ instance: taken.instanceId }, "an image could not be looked at");
        await noteLook(taken, { method: null, letters: [] });
      } else if (taken || Date.now() >= end) return taken;
    }
  };
  const onMessage = async (message: LookMessage): Promise<LookOrder> => {
    clearTimeout(limit);
    if (message.kind === "looked" && current) {
      const held = await noteLook(current, message);
      if (held) log.info({ instance: current.instanceId, held }, "an image is held");
      current = null;
      current = await next(idle);
    }
    // Not before it has its networks loaded: where they cannot be, no image is at fault.
    if (message.kind === "ready") current = await next(0);
    if (message.kind === "away") isStoreAway = true;
    limit = within(longestFrameMilliseconds, "a frame was looked at for too long");
    return current && { sha256: current.sha256 };
  };

  if (!(await isThereToLook())) return;
  const heartbeat = setInterval(() => {
    if (current) keepLook(current).catch((error: Error) => log.error({ err: error.message }, "looking for letters"));
  }, heartbeatMilliseconds);
  limit = within(longestLoadMilliseconds, "the networks were loaded for too long");
  try {
    await runIsolated<LookMessage>({
      module,
      payload: null,
      onMessage,
      signal: AbortSignal.any([signal, ended.signal]),
    });
  } finally {
    clearTimeout(limit);
    clearInterval(heartbeat);
    // Whatever else ended it may lie in the file.
    if (current && (isStoreAway || signal.aborted)) await giveLookBack(current);
  }
}

/** The same until it is aborted: the worker does so beside its jobs. */
export async function keepLooking({ signal, log }: Options): Promise<void> {
  let olderAt = 0;
  while (!signal.aborted) {
    try {
      if (Date.now() >= olderAt) {
        const older = await askForOlderLooks();
        if (older > 0) log.info({ older }, "letters are looked for in images that were there before");
        olderAt = Date.now() + olderMilliseconds;
      }
      await lookAtImages({ signal, log });
      await wait(pollMilliseconds, undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      log.error({ err: error instanceof Error ? error.message : String(error) }, "looking for letters");
      await wait(pauseMilliseconds, undefined, { signal }).catch(() => {});
    }
  }
}
