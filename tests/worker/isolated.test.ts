import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { asWritten } from "@/core/words/said";
import type { Task, Told } from "@/tests/support/isolated-process";
import { ChildFailed, runIsolated } from "@/worker/isolated";

const inSupport = (name: string) => fileURLToPath(new URL(`../support/${name}`, import.meta.url));

function run(
  payload: Task,
  onMessage: (told: Told) => Promise<void> | void = () => {},
  signal = new AbortController().signal,
) {
  return runIsolated<Told>({ module: inSupport("isolated-process.ts"), payload, onMessage, signal });
}

/** A signal of nobody: is the process there? */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("messages are handled in order, one after the other, and all of them before the end", async () => {
  const seen: number[] = [];
  let atOnce = 0;
  await run({ kind: "count", to: 40, numbers: Float32Array.of(1, 2, 0.5) }, async (told) => {
    if (!("index" in told)) return;
    atOnce += 1;
    expect(atOnce).toBe(1);
    await wait(told.index % 3);
    seen.push(told.index);
    expect(told.sum).toBe(3.5);
    atOnce -= 1;
  });
  expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i));
});

test("work that fails says why in its own words", async () => {
  const failing = run({ kind: "fail", reason: "The split leaks. Nothing was trained." });
  await expect(failing).rejects.toEqual(new ChildFailed(asWritten("The split leaks. Nothing was trained.")));
});

test("a process that breaks is described by what it wrote last", async () => {
  await expect(run({ kind: "crash" })).rejects.toEqual(
    new ChildFailed({
      key: "worker.process_ended",
      values: { code: "1", last: asWritten("RangeError: the library does not load") },
    }),
  );
  const missing = { module: inSupport("not-there.ts"), payload: null, onMessage: () => {} };
  await expect(runIsolated({ ...missing, signal: new AbortController().signal })).rejects.toThrow(
    /^The engine's process ended \(1\) before it was done: Error .*not-there\.ts/,
  );
});

test("a process that is killed is described as one that wanted memory", async () => {
  const killed = run({ kind: "hang" }, (told) => {
    if ("pid" in told) process.kill(told.pid, "SIGKILL");
  });
  await expect(killed).rejects.toThrow(ChildFailed);
  await expect(killed).rejects.toThrow(/^The engine's process ended \(SIGKILL\), most likely for want of memory\./);
});

test("a handler that throws ends the child, and its error is what comes out", async () => {
  let pid = 0;
  const lost = run({ kind: "hang" }, (told) => {
    if ("pid" in told) pid = told.pid;
    throw new TypeError("the run was taken up by another worker");
  });
  await expect(lost).rejects.toEqual(new TypeError("the run was taken up by another worker"));
  expect(isAlive(pid)).toBe(false);
});

test("an abort ends the child and gives the reason; signals of a terminal do not", async () => {
  const stopping = new AbortController();
  let pid = 0;
  const running = run(
    { kind: "hang" },
    (told) => {
      if (!("pid" in told)) return;
      pid = told.pid;
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.kill(pid, signal);
      setTimeout(() => {
        expect(isAlive(pid)).toBe(true);
        stopping.abort(new Error("the worker is stopping"));
      }, 300);
    },
    stopping.signal,
  );
  await expect(running).rejects.toEqual(new Error("the worker is stopping"));
  expect(isAlive(pid)).toBe(false);
  await expect(run({ kind: "hang" }, () => {}, stopping.signal)).rejects.toEqual(new Error("the worker is stopping"));
});

test("the child ends with its worker", async () => {
  const parent = spawn(process.execPath, ["--import", "tsx", inSupport("isolated-parent.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(parent, "close");
  const [line] = await once(parent.stdout, "data");
  expect(String(line)).toBe("at work\n");
  parent.kill("SIGKILL");
  // The pipe has two ends for writing, the child's is one: it closes when both processes are gone.
  const [, signal] = await ended;
  expect(signal).toBe("SIGKILL");
});
