import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { features as featureCount } from "@/core/network/inception";
import type { Said } from "@/core/words";
import { SaidError } from "@/core/words/said";
import { type Engine, loadEngine } from "@/worker/engines";
import { networkInput } from "@/worker/inception/preprocess";
import { ensureWeights, readWeights } from "@/worker/weights/pretrained";
import type { FeatureCache } from "./cache";
import { openExtractor } from "./extractor";

export interface FeatureImage {
  /** Equal for equal bytes. */
  contentKey: string;
  /** Of the longer side, in pixels: images of similar lengths are computed together. */
  length: number;
  png(): Promise<Uint8Array>;
}

interface Answer {
  ready?: true;
  index?: number;
  features?: Float32Array;
}

type Extract = (index: number, input: Float32Array) => Promise<Float32Array>;

/** Takes some images at once. */
interface Lane {
  images: number;
  extract: (inputs: readonly { index: number; input: Float32Array }[]) => Promise<Float32Array[]>;
}

/** Images that a lane in this process takes: one second of work between two looks at whether it is cancelled. */
export const imagesAtOnce = 16;

/** A process of its own with its own WASM memory, which the system takes back whole when it ends. */
function openProcess(
  weights: string,
  size: number,
): { extract: Extract; ready: Promise<void>; close: () => Promise<void> } {
  const file = fileURLToPath(new URL("./process.ts", import.meta.url));
  const child = fork(file, [weights, String(size)], { execArgv: ["--import", "tsx"], serialization: "advanced" });
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
      failure = new SaidError({ key: "worker.features_ended", values: { code: signal ?? String(code) } });
      failed(failure);
      for (const each of waiting.values()) each.failed(failure);
    });
  });
  return {
    ready,
    close: () =>
      new Promise((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done();
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

async function openLanes(
  engine: Engine,
  weights: string,
  size: number,
): Promise<{ lanes: Lane[]; close: () => Promise<void> }> {
  if (engine.name !== "portable") {
    const extractor = openExtractor(await loadEngine(engine), await readWeights(weights), size);
    const extract: Lane["extract"] = async (inputs) => extractor.extract(inputs.map(({ input }) => input));
    return { lanes: [{ images: imagesAtOnce, extract }], close: async () => extractor.dispose() };
  }
  const processes = Array.from({ length: engine.threads }, () => openProcess(weights, size));
  const close = async () => {
    await Promise.all(processes.map((each) => each.close()));
  };
  await Promise.all(processes.map((each) => each.ready)).catch(async (error) => {
    await close();
    throw error;
  });
  const lanes = processes.map((each) => ({
    images: 1,
    extract: (inputs: readonly { index: number; input: Float32Array }[]) =>
      Promise.all(inputs.map(({ index, input }) => each.extract(index, input))),
  }));
  return { lanes, close };
}

/** The next few of a queue. */
function take(queue: Iterator<number>, most: number): number[] {
  const taken: number[] = [];
  while (taken.length < most) {
    const { value, done } = queue.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
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
  /** Side of the square that the network sees, in pixels. */
  size: number;
  cache: FeatureCache;
  onProgress: (done: number) => Promise<void>;
  onLog: (line: Said) => Promise<void>;
}): Promise<{ features: Float32Array[]; computed: number }> {
  const { images, size, cache } = options;
  const known = await Promise.all(images.map((image) => cache.get(image.contentKey)));
  const missing = known.flatMap((features, index) => (features?.length === featureCount ? [] : [index]));
  let done = images.length - missing.length;
  await options.onProgress(done);
  if (missing.length > 0) {
    const weights = await ensureWeights(options.onLog);
    const { lanes, close } = await openLanes(options.engine, weights, size);
    try {
      const lengthOf = (index: number) => images[index]?.length ?? 0;
      const queue = missing.toSorted((a, b) => lengthOf(a) - lengthOf(b)).values();
      await Promise.all(
        lanes.map(async (lane) => {
          for (let taken = take(queue, lane.images); taken.length > 0; taken = take(queue, lane.images)) {
            const chosen = taken.flatMap((index) => images[index] ?? []);
            const inputs = await Promise.all(chosen.map(async (image) => networkInput(await image.png(), size)));
            const found = await lane.extract(inputs.map((input, i) => ({ index: taken[i] ?? -1, input })));
            for (const [i, features] of found.entries()) {
              const [image, index] = [chosen[i], taken[i]];
              if (!image || index === undefined) continue;
              await cache.put(image.contentKey, features);
              known[index] = features;
              done += 1;
              await options.onProgress(done);
            }
          }
        }),
      );
    } finally {
      await close();
    }
  }
  return { features: known.map((features) => features ?? new Float32Array(featureCount)), computed: missing.length };
}
