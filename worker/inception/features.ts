import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Engine, loadEngine } from "@/worker/engines";
import type { FeatureCache } from "./feature-cache";
import { buildNetwork, features as featureCount, pooledFeatures } from "./network";
import { inputSize, networkInput } from "./preprocess";
import { ensureWeights, readWeights } from "./weights";

export interface FeatureImage {
  /** Equal for equal bytes. */
  contentKey: string;
  png(): Promise<Uint8Array>;
}

interface Answer {
  ready?: true;
  index?: number;
  features?: Float32Array;
}

type Extract = (index: number, input: Float32Array) => Promise<Float32Array>;

/** A process of its own with its own WASM memory, which the system takes back whole when it ends. */
function openProcess(weights: string): { extract: Extract; ready: Promise<void>; close: () => Promise<void> } {
  const file = fileURLToPath(new URL("./feature-process.ts", import.meta.url));
  const child = fork(file, [weights], { execArgv: ["--import", "tsx"], serialization: "advanced" });
  const waiting = new Map<number, { done: (features: Float32Array) => void; failed: (error: Error) => void }>();
  let failure: Error | undefined;
  const ready = new Promise<void>((done, failed) => {
    child.on("message", ({ ready, index, features }: Answer) => {
      if (ready) done();
      if (index === undefined || !features) return;
      waiting.get(index)?.done(features);
      waiting.delete(index);
    });
    child.on("exit", (code, signal) => {
      failure = new Error(
        `The engine's process ended (${signal ?? code}), most likely for want of memory. Close other programs and start the training again: what was computed is kept.`,
      );
      failed(failure);
      for (const each of waiting.values()) each.failed(failure);
    });
  });
  return {
    ready,
    close: () =>
      new Promise((done) => {
        child.removeAllListeners("exit");
        child.once("exit", () => done());
        child.kill();
      }),
    extract: (index, input) =>
      new Promise((done, failed) => {
        if (failure) return failed(failure);
        waiting.set(index, { done, failed });
        child.send({ index, input });
      }),
  };
}

async function openLanes(engine: Engine, weights: string): Promise<{ lanes: Extract[]; close: () => Promise<void> }> {
  if (engine.name !== "portable") {
    const tf = await loadEngine(engine);
    const network = buildNetwork(tf, await readWeights(weights));
    const extract: Extract = async (_, input) => {
      const x = tf.tensor4d(input, [1, inputSize, inputSize, 3]);
      const y = pooledFeatures(tf, network, x);
      const features = Float32Array.from(await y.data());
      tf.dispose([x, y]);
      return features;
    };
    return { lanes: [extract], close: async () => network.dispose() };
  }
  const processes = Array.from({ length: engine.threads }, () => openProcess(weights));
  const close = async () => {
    await Promise.all(processes.map((each) => each.close()));
  };
  await Promise.all(processes.map((each) => each.ready)).catch(async (error) => {
    await close();
    throw error;
  });
  return { lanes: processes.map((each) => each.extract), close };
}

/**
 * The 2048 pooled features of every image, from the cache where they are there. What is computed goes into the cache at once, so an
 * interrupted extraction goes on where it was. Memory of the engine is given back at the end.
 * @param onProgress called after every image; throws to stop (cancellation)
 * @returns [images.length][2048], and how many had to be computed
 */
export async function extractFeatures(options: {
  engine: Engine;
  images: readonly FeatureImage[];
  cache: FeatureCache;
  onProgress: (done: number) => Promise<void>;
  onLog: (line: string) => Promise<void>;
}): Promise<{ features: Float32Array[]; computed: number }> {
  const { images, cache } = options;
  const known = await Promise.all(images.map((image) => cache.get(image.contentKey)));
  const missing = known.flatMap((features, index) => (features?.length === featureCount ? [] : [index]));
  let done = images.length - missing.length;
  await options.onProgress(done);
  if (missing.length > 0) {
    const weights = await ensureWeights(options.onLog);
    const { lanes, close } = await openLanes(options.engine, weights);
    try {
      const queue = missing.values();
      await Promise.all(
        lanes.map(async (extract) => {
          for (const index of queue) {
            const image = images[index];
            if (!image) continue;
            const features = await extract(index, await networkInput(await image.png()));
            await cache.put(image.contentKey, features);
            known[index] = features;
            done += 1;
            await options.onProgress(done);
          }
        }),
      );
    } finally {
      await close();
    }
  }
  return { features: known.map((features) => features ?? new Float32Array(featureCount)), computed: missing.length };
}
