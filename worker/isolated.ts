import { fork } from "node:child_process";
import { once } from "node:events";
import type { Said } from "@/core/words";
import { asWritten, SaidError, saidOfError } from "@/core/words/said";

/*
 * Work with TensorFlow runs in a process of its own: its memory goes back whole when it ends, and an engine that dies takes no worker along.
 * The child computes and tells; what is written to the database and the store, the worker writes.
 */

/** The work failed, and what is said of it to a person: the child's own words, or how its process ended. */
export class ChildFailed extends SaidError {
  override name = "ChildFailed";
}

type Envelope<Message> = { message: Message; asks?: true } | { failed: Said } | { done: true };

const keptComplaint = 4_000;

/** The line that says what was wrong; behind an error Node writes its stack and its own version. */
function lastWords(complaint: string): Said {
  const lines = complaint.split("\n").filter((line) => /^[^\s{}]/.test(line) && !/^Node\.js v\d/.test(line));
  const last = lines.at(-1)?.trim();
  return last ? asWritten(last) : { key: "worker.no_message" };
}

function reasonOf(code: number | null, signal: NodeJS.Signals | null, complaint: string): Said {
  return signal
    ? { key: "worker.process_killed", values: { signal } }
    : { key: "worker.process_ended", values: { code: String(code), last: lastWords(complaint) } };
}

/**
 * Runs one module in a process of its own until its work is done; the process has ended when this returns.
 * @param options.module path of a .ts file that calls `serveIsolated`
 * @param options.payload what a structured clone can hold: typed arrays go as they are
 * @param options.onMessage sees every message in the order of sending, one after the other; when it throws, the child is ended and this
 * throws the same. What it gives back is the answer, where the child asked
 * @param options.signal ends the child; this then throws the signal's reason
 * @throws ChildFailed when the work fails or its process ends by itself
 */
export async function runIsolated<Message>(options: {
  module: string;
  payload: unknown;
  onMessage: (message: Message) => unknown;
  signal: AbortSignal;
}): Promise<void> {
  const { module, payload, onMessage, signal } = options;
  signal.throwIfAborted();
  const child = fork(module, [], {
    execArgv: ["--import", "tsx"],
    serialization: "advanced",
    stdio: ["ignore", "inherit", "pipe", "ipc"],
    // Out of the terminal's reach: an interrupt goes to the worker, which decides.
    detached: true,
  });
  const kill = () => child.kill("SIGKILL");
  let complaint = "";
  let failed: Said | undefined;
  let isDone = false;
  let handled = Promise.resolve();
  child.stderr?.on("data", (data: Buffer) => {
    complaint = `${complaint}${data}`.slice(-keptComplaint);
  });
  child.on("message", (envelope: Envelope<Message>) => {
    if ("done" in envelope) isDone = true;
    else if ("failed" in envelope) failed = envelope.failed;
    else {
      handled = handled.then(async () => {
        signal.throwIfAborted();
        const answer = await onMessage(envelope.message);
        // One that is gone says so by its end.
        if (envelope.asks) child.send({ answer }, () => {});
      });
      handled.catch(kill);
    }
  });
  signal.addEventListener("abort", kill);
  try {
    // A child that is gone already says so by its end.
    child.send({ payload }, () => {});
    // "close" comes after the last message and the last of stderr.
    const [code, by]: [number | null, NodeJS.Signals | null] = await once(child, "close").then(([code, by]) => [
      code,
      by,
    ]);
    await handled;
    signal.throwIfAborted();
    if (failed !== undefined) throw new ChildFailed(failed);
    if (!isDone) throw new ChildFailed(reasonOf(code, by, complaint));
  } finally {
    signal.removeEventListener("abort", kill);
    kill();
  }
}

/** How often work whose engine died is started again before a person has to look. */
export const mostRestarts = 3;

/** What is said of a process that ended by itself: the engine's, or one that works for it. */
const deaths: readonly string[] = [
  "worker.process_killed",
  "worker.process_ended",
  "worker.loader_killed",
  "worker.loader_ended",
  "worker.features_ended",
];

/**
 * Does work in processes, and does it again when an engine dies, three times at most: what it has kept is there. Other faults are no matter of the engine.
 * @param work `restarts`: how often it was started again
 * @param onDeath notes it, before the work is started again for the `restarts`-th time
 */
export async function withRestarts<T>(
  work: (restarts: number) => Promise<T>,
  onDeath?: (reason: Said, restarts: number) => Promise<unknown>,
): Promise<T> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await work(restarts);
    } catch (error) {
      const isDeath = error instanceof ChildFailed && deaths.includes(error.said.key);
      if (!isDeath || restarts === mostRestarts) throw error;
      await onDeath?.(error.said, restarts + 1);
    }
  }
}

/**
 * The child's side: waits for the payload, does the work and ends the process; an error's message goes to the worker. The process ends
 * with its worker, too, as soon as the work gives way.
 * @param work `send` resolves when the message is in the channel: work that waits for it never piles up messages on its side. `ask` sends one and resolves with the worker's
 * answer, one at a time
 */
export function serveIsolated<Payload, Message, Answer = never>(
  work: (
    payload: Payload,
    send: (message: Message) => Promise<void>,
    ask: (message: Message) => Promise<Answer>,
  ) => Promise<void>,
): void {
  const tell = (envelope: Envelope<Message>) =>
    new Promise<void>((done, failed) => {
      if (!process.send) return failed(new Error("This file is run by the worker, not by hand."));
      process.send(envelope, undefined, undefined, (error) => (error ? failed(error) : done()));
    });
  const ask = async (message: Message) => {
    const answered = new Promise<Answer>((done) => {
      process.once("message", ({ answer }: { answer: Answer }) => done(answer));
    });
    await tell({ message, asks: true });
    return answered;
  };
  // A service manager signals every process at once; when to end, the worker says.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  process.on("disconnect", () => process.exit(1));
  process.once("message", async ({ payload }: { payload: Payload }) => {
    try {
      await work(payload, (message) => tell({ message }), ask);
      await tell({ done: true });
    } catch (error) {
      await tell({ failed: saidOfError(error) }).catch(() => {});
    }
    process.exit();
  });
}
