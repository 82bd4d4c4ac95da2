import { Worker } from "node:worker_threads";
import { type Engine, loadCuda } from "@/worker/engines";
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

/** A thread of its own with its own WASM memory; `lanes` of them work side by side. */
function openThread(weights: string): { extract: Extract; ready: Promise<void>; close: () => Promise<unknown> } {
  const thread = new Worker(new URL("./feature-thread.ts", import.meta.url), {
    workerData: { weights },
    execArgv: ["--import", "tsx"],
  });
  const waiting = new Map<number, { done: (features: Float32Array) => void; failed: (error: Error) => void }>();
  let failure: Error | undefined;
  const ready = new Promise<void>((done, failed) => {
    thread.on("message", ({ ready, index, features }: Answer) => {
      if (ready) done();
      if (index !== undefined && features) waiting.get(index)?.done(features);
    });
    thread.on("error", (error: Error) => {
      failure = error;
      failed(error);
      for (const each of waiting.values()) each.failed(error);
    });
  });
  return {
    ready,
    close: () => thread.terminate(),
    extract: (index, input) =>
      new Promise((done, failed) => {
        if (failure) return failed(failure);
        waiting.set(index, { done: (features) => (waiting.delete(index), done(features)), failed });
        thread.postMessage({ index, input }, [input.buffer as ArrayBuffer]);
      }),
  };
}

async function openLanes(engine: Engine, weights: string): Promise<{ lanes: Extract[]; close: () => Promise<void> }> {
  if (engine.name === "cuda") {
    const tf = loadCuda();
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
  const threads = Array.from({ length: engine.threads }, () => openThread(weights));
  const close = async () => {
    await Promise.all(threads.map((thread) => thread.close()));
  };
  await Promise.all(threads.map((thread) => thread.ready)).catch(async (error) => {
    await close();
    throw error;
  });
  return { lanes: threads.map((thread) => thread.extract), close };
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
