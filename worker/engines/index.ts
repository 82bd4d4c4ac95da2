import { createRequire } from "node:module";
import { availableParallelism, cpus, freemem } from "node:os";
import { dirname, join } from "node:path";
import type { Said } from "@/core/words";
import { SaidError } from "@/core/words/said";
import { bindingVersion, type Flavour, nativeFolder, openNative, whyNotInstalled } from "./native";
import { registerTrainingKernels } from "./portable-kernels";
import { EngineError, type ProbeAnswer, probe } from "./probe";
import { type Engine, type EngineName, type EngineSource, engineNames, type Tf } from "./types";

export { type Engine, type EngineName, type EngineSource, engineNames, type Tf } from "./types";

/** What is known of an engine on this machine: it works, or why not. */
export type Finding = { name: EngineName } & (
  | { engine: Engine; answer: ProbeAnswer | null }
  | { engine: null; reason: Said }
);

const require = createRequire(import.meta.url);

/** Memory that one process of the portable engine takes at 299 x 299, in bytes (measured: about 0.6 GB). */
const bytesPerProcess = 0.8 * 1024 ** 3;
const mostProcesses = 8;

/** The WASM backend of TensorFlow.js: no compiler, no driver, any machine. One core each; `worker/features` uses several processes. */
export async function loadPortable(): Promise<Tf> {
  const tf = await import("@tensorflow/tfjs-core");
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist/"));
  await tf.setBackend("wasm");
  await tf.ready();
  registerTrainingKernels(tf);
  return tf;
}

/** The native engine of this user; by default the one on the CPU. */
export const loadNative = (folder = nativeFolder("cpu")): Promise<Tf> => openNative(folder);

/** Makes an engine that was found the engine of this process. */
export async function loadEngine({ name, folder }: EngineSource): Promise<Tf> {
  if (name === "portable") return loadPortable();
  return loadNative(folder ?? nativeFolder(name === "cuda" ? "cuda" : "cpu"));
}

const processor = () => cpus()[0]?.model.trim() ?? "unknown processor";

function portable(): Finding {
  const threads = Math.max(1, Math.min(availableParallelism(), mostProcesses, Math.floor(freemem() / bytesPerProcess)));
  const { version } = require("@tensorflow/tfjs-backend-wasm/package.json");
  const device = `${processor()}, WebAssembly`;
  const engine: Engine = { name: "portable", device, card: null, version, threads, slowerThan: null };
  return { name: "portable", engine, answer: null };
}

/** Tries one installation and says what it is, or why it is of no use as `name`. */
async function tryInstalled(name: "cuda" | "native", flavour: Flavour): Promise<Finding> {
  const missing = whyNotInstalled(flavour);
  if (missing) return { name, engine: null, reason: missing };
  const folder = nativeFolder(flavour);
  try {
    const answer = await probe({ name, folder });
    if (name === "cuda" && !answer.card) return { name, engine: null, reason: { key: "worker.engine.no_cuda" } };
    if (name === "native" && answer.card) return { name, engine: null, reason: { key: "worker.engine.on_card" } };
    return {
      name,
      answer,
      engine: {
        name,
        folder,
        device: answer.card?.name ?? processor(),
        card: answer.card,
        version: `${bindingVersion} (libtensorflow ${answer.library})`,
        threads: name === "cuda" ? 1 : availableParallelism(),
        slowerThan: null,
      },
    };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return {
      name,
      engine: null,
      reason: { key: "worker.engine.to_be_made_anew", values: { reason: error.said, flavour } },
    };
  }
}

/** Looks for one engine. The portable one is always there and is not tried. */
export async function findEngine(name: EngineName): Promise<Finding> {
  if (name === "portable") return portable();
  if (name === "cuda") return tryInstalled("cuda", "cuda");
  const found = await tryInstalled("native", "cpu");
  return found.engine || whyNotInstalled("cuda") ? found : tryInstalled("native", "cuda");
}

/**
 * The engine that was asked for, or the fastest that works on this machine; what kept each faster one away goes into the record.
 * @throws SaidError when the one asked for does not work here, with the reason
 */
export async function chooseEngine(asked?: EngineName): Promise<Engine> {
  const reasons: Said[] = [];
  for (const name of asked ? [asked] : engineNames) {
    const found = await findEngine(name);
    if (found.engine) return { ...found.engine, slowerThan: listed(reasons) };
    reasons.push({ key: "worker.engine.kept_away", values: { engine: name, reason: found.reason } });
  }
  const why = listed(reasons);
  if (asked && why) throw new SaidError({ key: "worker.engine_asked", values: { engine: asked, reasons: why } });
  throw new SaidError({ key: "worker.no_engine" });
}

const listed = (reasons: readonly Said[]): Said | null =>
  reasons.reduceRight<Said | null>(
    (second, first) => (second ? { key: "worker.listed", values: { first, second } } : first),
    null,
  );
