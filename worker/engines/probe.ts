import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Said } from "@/core/words";
import { asWritten, SaidError } from "@/core/words/said";
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

/** The engine cannot be used: why, without a path of this machine. */
export class EngineError extends SaidError {}

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
    const refuse = (reason: Said) => failed(new EngineError(reason));
    const placeless = (text: string) => (source.folder ? text.replaceAll(`${source.folder}/`, "") : text);
    const seconds = longestProbe / 1000;
    const late = setTimeout(() => refuse({ key: "worker.engine.no_answer", values: { seconds } }), longestProbe);
    child.once("message", (answer: ProbeAnswer | { error: string }) =>
      "error" in answer
        ? refuse({ key: "worker.engine.not_loading", values: { error: placeless(answer.error.split("\n")[0] ?? "") } })
        : done(answer),
    );
    child.once("error", (error) => refuse(asWritten(placeless(error.message))));
    // "close" comes after the last message and the last of stderr; a promise that is settled stays so.
    child.once("close", (code, signal) => {
      clearTimeout(late);
      const values = { code: signal ?? String(code), last: placeless(lastLine(complaint)) };
      refuse({ key: "worker.engine.ended", values });
    });
    child.send(source, (error) => error && refuse(asWritten(placeless(error.message))));
  }).finally(() => child.kill("SIGKILL"));
  const tooFar = whyTooFar(answer);
  if (tooFar) throw new EngineError(tooFar);
  return answer;
}
