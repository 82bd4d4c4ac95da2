import { createRequire } from "node:module";
import { availableParallelism, cpus, freemem } from "node:os";
import { dirname, join } from "node:path";
import type * as TensorFlow from "@tensorflow/tfjs-core";

/** What both engines offer: the operations of TensorFlow.js. */
export type Tf = typeof TensorFlow;

/** A way to run the network on this machine, as it is recorded with every run. */
export interface Engine {
  name: "cuda" | "portable";
  device: string;
  version: string;
  /** Images worked on side by side: processes of the portable engine. */
  threads: number;
  /** Why a faster engine was not used; null when there is none faster. */
  slowerThan: string | null;
}

const require = createRequire(import.meta.url);

/** Memory that one process of the portable engine takes at 299 x 299, in bytes (measured: about 0.6 GB). */
const bytesPerProcess = 0.8 * 1024 ** 3;
const mostProcesses = 8;

/** The WASM backend of TensorFlow.js: no compiler, no driver, any machine. One core each; `features.ts` uses several processes. */
export async function loadPortable(): Promise<Tf> {
  const tf = await import("@tensorflow/tfjs-core");
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist/"));
  await tf.setBackend("wasm");
  await tf.ready();
  return tf;
}

/** The CUDA binding, where its optional package could be installed and loads. */
export function loadCuda(): Tf {
  return require("@tensorflow/tfjs-node-gpu");
}

function whyNoCuda(): string | null {
  try {
    loadCuda();
    return null;
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND";
    const [line] = error instanceof Error ? error.message.split("\n") : ["unknown reason"];
    return missing
      ? "the package @tensorflow/tfjs-node-gpu is not installed here"
      : `@tensorflow/tfjs-node-gpu does not load: ${line}`;
  }
}

/** The fastest engine that this machine has; what kept a faster one away goes into the record. */
export async function chooseEngine(): Promise<Engine> {
  const reason = whyNoCuda();
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  if (!reason)
    return {
      name: "cuda",
      device: "CUDA device",
      version: require("@tensorflow/tfjs-node-gpu/package.json").version,
      threads: 1,
      slowerThan: null,
    };
  const threads = Math.max(1, Math.min(availableParallelism(), mostProcesses, Math.floor(freemem() / bytesPerProcess)));
  return {
    name: "portable",
    device: `${processor}, WebAssembly`,
    version: require("@tensorflow/tfjs-backend-wasm/package.json").version,
    threads,
    slowerThan: `CUDA: ${reason}`,
  };
}
