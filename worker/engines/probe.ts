import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Distances, whyTooFar } from "./self-test";
import type { Card, EngineSource } from "./types";

/** What an engine said of itself, and how far its convolution is from the portable engine's. */
export interface ProbeAnswer extends Distances {
  /** Version of libtensorflow; null for an engine that has none. */
  library: string | null;
  /** Null where it computes on the processor. */
  card: Card | null;
  milliseconds: number;
}

/** The engine cannot be used; the message says why, without a path of this machine. */
export class EngineError extends Error {}

const longestProbe = 60_000;

const lastLine = (text: string) => text.trim().split("\n").at(-1)?.trim() ?? "";

/**
 * Tries an engine in a process of its own. @throws EngineError when it does not load, ends its process, hangs, or computes something else
 * than the portable engine
 */
export async function probe(source: EngineSource): Promise<ProbeAnswer> {
  const child = fork(fileURLToPath(new URL("./probe-process.ts", import.meta.url)), [], {
    execArgv: ["--import", "tsx"],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let complaint = "";
  child.stderr?.on("data", (data: Buffer) => {
    complaint = `${complaint}${data}`.slice(-2_000);
  });
  const answer = await new Promise<ProbeAnswer>((done, failed) => {
    const refuse = (reason: string) =>
      failed(new EngineError(source.folder ? reason.replaceAll(`${source.folder}/`, "") : reason));
    const late = setTimeout(() => refuse(`it gave no answer in ${longestProbe / 1000} s`), longestProbe);
    child.once("message", (answer: ProbeAnswer | { error: string }) =>
      "error" in answer ? refuse(`it does not load: ${answer.error.split("\n")[0]}`) : done(answer),
    );
    child.once("error", (error) => refuse(error.message));
    // "close" comes after the last message and the last of stderr; a promise that is settled stays so.
    child.once("close", (code, signal) => {
      clearTimeout(late);
      refuse(`it ended its process (${signal ?? code}): ${lastLine(complaint)}`);
    });
    child.send(source, (error) => error && refuse(error.message));
  }).finally(() => child.kill("SIGKILL"));
  const tooFar = whyTooFar(answer);
  if (tooFar) throw new EngineError(tooFar);
  return answer;
}
