import { fileURLToPath } from "node:url";
import { runIsolated } from "@/worker/isolated";
import type { Told } from "./isolated-process";

/** A worker that is to be killed: it prints a line when its child is at work. Its child has the same standard output. */
await runIsolated<Told>({
  module: fileURLToPath(new URL("./isolated-process.ts", import.meta.url)),
  payload: { kind: "hang" },
  onMessage: () => console.log("at work"),
  signal: new AbortController().signal,
});
