import { setTimeout as wait } from "node:timers/promises";
import { serveIsolated } from "@/worker/isolated";

/** What the child of `tests/worker/isolated.test.ts` is to do. */
export type Task =
  | { kind: "count"; to: number; numbers: Float32Array }
  | { kind: "fail"; reason: string }
  | { kind: "crash" }
  | { kind: "hang" };
export type Told = { index: number; sum: number } | { pid: number };

serveIsolated<Task, Told>(async (task, send) => {
  await send({ pid: process.pid });
  if (task.kind === "count") {
    const sum = task.numbers.reduce((a, b) => a + b, 0);
    for (let index = 0; index < task.to; index++) await send({ index, sum });
  }
  if (task.kind === "fail") throw new Error(task.reason);
  if (task.kind === "crash")
    setImmediate(() => {
      throw new RangeError("the library does not load");
    });
  if (task.kind !== "count") await wait(60_000);
});
