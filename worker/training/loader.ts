import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { setImmediate as turnOfTheEventLoop } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { seedOf } from "@/core/random";
import { SaidError, saidOfError } from "@/core/words/said";
import { type Canvas, type CanvasWindow, decodeCrop } from "@/worker/inception/preprocess";
import type { Augmentation } from "./augment";

/** A picture as the loader gets it. */
export interface LoaderImage {
  /** Names the image in errors. */
  id: string;
  /** Goes into the seed of its augmentation: the same for the same image in another installation. The id where it is left out. */
  seedKey?: string;
  /** Its bytes. Read once, and again each epoch for what does not fit in the processes' memory. */
  png(): Promise<Uint8Array>;
}

/** From pixels to numbers for the network. */
export interface Input extends Canvas {
  /** Of each channel over the padded training canvases, in 0..255. It is subtracted after padding, so the padding becomes -mean. */
  mean: readonly [number, number, number];
  /** Above 0. */
  divisor: number;
}

export interface LoadedBatch {
  /** Of the images in the batch, in its order. */
  indices: number[];
  /** [indices.length][size][size][3], (value - mean) / divisor. */
  input: Float32Array;
  /** For each picture the part of its canvas outside which everything is -mean / divisor. */
  windows: CanvasWindow[];
}

export interface Loader {
  /**
   * The batches of one epoch in the order of `indices`, which the caller shuffles; the last may be smaller. A picture's augmentation is
   * drawn from (seed, epoch, the image's seedKey): the same whatever the batch, the number of processes or the batch a resumed run starts from, and the
   * same for an index that comes twice in an epoch. Making starts with the call, not with the first batch taken, so that an
   * epoch can be asked for while the engine validates the one before; never more than a few batches are ahead.
   * @param options.from first batch, counted from 0
   * @throws RangeError for a batch size or an index that is none. The iteration throws an Error that names the image when one cannot be
   * read, and an Error when a process ended or the loader was closed.
   */
  batches(options: {
    epoch: number;
    indices: readonly number[];
    batchSize: number;
    from?: number;
  }): AsyncIterableIterator<LoadedBatch>;
  /** Share of the time in iterations that the consumer waited for a batch, in [0, 1], since the loader was opened; 0 before the first batch. */
  waited(): number;
  /** Ends the processes, and every iteration with an Error. May be called twice, and after a failure. */
  close(): Promise<void>;
}

/** One picture of an order to a process. */
export interface Example {
  index: number;
  seed: number;
  /** null when the process keeps its pixels. */
  png: Uint8Array | null;
}

/** What a process is told when it starts, as JSON. */
export interface Setup {
  input: Input;
  augmentation: Augmentation | null;
  keepBytes: number;
}

interface Made {
  order: number;
  windows: CanvasWindow[];
  /** The windows' values one after the other. */
  values: Float32Array;
  /** Those of the order whose bytes need not be sent again. */
  kept: number[];
}

export type LoaderAnswer = { ready: true } | Made | { order: number; unreadable: number; reason: string };

/** Batches made or being made beyond the one that is waited for. 64 pictures of 299 x 299 are 69 MB. */
const batchesAhead = 3;

/** Of decoded pixels, all processes together: 4000 crops of 299 x 299, or 99,000 of 60 x 60. */
const defaultKeepBytes = 2 ** 30;

const unreadable = (id: string, reason: string) =>
  new SaidError({ key: "worker.no_picture", values: { image: id, reason } });

async function bytesOf(image: LoaderImage): Promise<Uint8Array> {
  try {
    return await image.png();
  } catch (error) {
    throw new SaidError(
      { key: "worker.file_not_fetched", values: { image: image.id, reason: saidOfError(error) } },
      { cause: error },
    );
  }
}

/**
 * Mean of each channel over all pixels of the padded canvases of the training side, padding counted, without augmentation.
 * @returns in 0..255
 * @throws RangeError without an image; Error that names the image when one cannot be read
 */
export async function trainingMean(images: readonly LoaderImage[], canvas: Canvas): Promise<[number, number, number]> {
  if (images.length === 0) throw new RangeError("There is no image to take the mean of.");
  const sums: [number, number, number] = [0, 0, 0];
  const queue = images.values();
  const lane = async () => {
    for (const image of queue) {
      const png = await bytesOf(image);
      const { pixels } = await decodeCrop(png, canvas).catch((error: Error) => {
        throw unreadable(image.id, error.message);
      });
      for (let i = 0; i < pixels.length; i += 3) {
        sums[0] += pixels[i] ?? 0;
        sums[1] += pixels[i + 1] ?? 0;
        sums[2] += pixels[i + 2] ?? 0;
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  const count = images.length * canvas.size ** 2;
  return [sums[0] / count, sums[1] / count, sums[2] / count];
}

interface Lane {
  ready: Promise<void>;
  /** Indices whose pixels the process keeps. */
  kept: Set<number>;
  make(examples: readonly Example[]): Promise<Made>;
  close(): Promise<void>;
}

/** A process of the loader. @param nameOf the id of an image, for errors */
function openLane(setup: Setup, nameOf: (index: number) => string): Lane {
  const file = fileURLToPath(new URL("./loader-process.ts", import.meta.url));
  const child = fork(file, [JSON.stringify(setup)], { execArgv: ["--import", "tsx"], serialization: "advanced" });
  const waiting = new Map<number, { done: (made: Made) => void; failed: (error: Error) => void }>();
  const kept = new Set<number>();
  let orders = 0;
  let failure: Error | null = null;
  const fail = (error: Error) => {
    failure ??= error;
    for (const each of waiting.values()) each.failed(failure);
    waiting.clear();
  };
  const ended = new Promise<void>((done) => {
    child.on("error", (error) => {
      const values = { reason: error.message };
      fail(new SaidError({ key: "worker.loader_unusable", values }, { cause: error }));
      // There never was a process: no exit will come.
      if (child.pid === undefined) done();
    });
    child.once("exit", (code, signal) => {
      fail(
        new SaidError(
          signal
            ? { key: "worker.loader_killed", values: { signal } }
            : { key: "worker.loader_ended", values: { code: String(code) } },
        ),
      );
      done();
    });
  });
  const ready = new Promise<void>((done, failed) => {
    child.on("message", (answer: LoaderAnswer) => {
      if ("ready" in answer) return done();
      const order = waiting.get(answer.order);
      waiting.delete(answer.order);
      if ("unreadable" in answer) return order?.failed(unreadable(nameOf(answer.unreadable), answer.reason));
      for (const index of answer.kept) kept.add(index);
      order?.done(answer);
    });
    child.on("error", () => failed(failure));
    child.once("exit", () => failed(failure));
  });
  return {
    ready,
    kept,
    make: (examples) =>
      new Promise((done, failed) => {
        if (failure) return failed(failure);
        const order = orders++;
        waiting.set(order, { done, failed });
        // A process that is gone is reported by its exit, with the reason.
        child.send({ order, examples }, () => {});
      }),
    close: async () => {
      fail(new Error("The loader was closed."));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A quarter of the cores, at most four: the engine needs the others, and one process makes hundreds of small crops a second. */
const defaultProcesses = () => Math.min(4, Math.max(1, Math.floor(availableParallelism() / 4)));

/**
 * Starts processes that decode and augment pictures ahead of the engine. Each image belongs to one process, which keeps its pixels, so
 * memory does not grow with the number of processes. Only the windows travel between processes; canvases are filled here.
 * @param options.keepBytes most bytes of decoded pixels kept in memory, all processes together; beyond it images are fetched and decoded anew
 * @throws RangeError for a divisor or number of processes that is none; Error when a process does not start
 */
export async function openLoader(options: {
  images: readonly LoaderImage[];
  input: Input;
  augmentation: Augmentation | null;
  seed: number;
  processes?: number;
  keepBytes?: number;
}): Promise<Loader> {
  const { images, input, augmentation, seed, processes = defaultProcesses(), keepBytes = defaultKeepBytes } = options;
  if (!(input.divisor > 0)) throw new RangeError(`The divisor must be above 0, not ${input.divisor}.`);
  if (!Number.isInteger(processes) || processes < 1)
    throw new RangeError(`The loader needs at least one process, not ${processes}.`);

  const imageAt = (index: number): LoaderImage => {
    const image = images[index];
    if (!image) throw new RangeError(`There is no image ${index} among ${images.length}.`);
    return image;
  };
  const setup = { input, augmentation, keepBytes: keepBytes / processes };
  const lanes = Array.from({ length: processes }, () => openLane(setup, (index) => imageAt(index).id));
  const close = async () => {
    await Promise.all(lanes.map((lane) => lane.close()));
  };
  await Promise.all(lanes.map((lane) => lane.ready)).catch(async (error) => {
    await close();
    throw error;
  });

  const { size } = input;
  const canvasLength = size * size * 3;
  const blank = new Float32Array(canvasLength);
  for (let i = 0; i < canvasLength; i++) blank[i] = (0 - (input.mean[i % 3] ?? 0)) / input.divisor;

  const makeBatch = async (epoch: number, indices: number[]): Promise<LoadedBatch> => {
    const parts = await Promise.all(
      lanes.map(async (lane, number) => {
        const places = indices.flatMap((index, place) => (index % lanes.length === number ? [place] : []));
        if (places.length === 0) return null;
        const examples = await Promise.all(
          places.map(async (place) => {
            const index = indices[place] ?? 0;
            const image = imageAt(index);
            const png = lane.kept.has(index) ? null : await bytesOf(image);
            return { index, seed: seedOf(seed, epoch, image.seedKey ?? image.id), png };
          }),
        );
        return { places, made: await lane.make(examples) };
      }),
    );
    const canvases = new Float32Array(indices.length * canvasLength);
    const windows: CanvasWindow[] = indices.map(() => ({ x: 0, y: 0, width: 0, height: 0 }));
    for (const part of parts) {
      let from = 0;
      for (const [i, window] of (part?.made.windows ?? []).entries()) {
        const place = part?.places[i];
        if (!part || place === undefined) throw new RangeError("more pictures came than were asked for");
        windows[place] = window;
        const canvas = canvases.subarray(place * canvasLength, (place + 1) * canvasLength);
        canvas.set(blank);
        const row = window.width * 3;
        for (let y = window.y; y < window.y + window.height; y++, from += row)
          canvas.set(part.made.values.subarray(from, from + row), (y * size + window.x) * 3);
      }
    }
    return { indices, input: canvases, windows };
  };

  const time = { waited: 0, busy: 0 };

  async function* deliver(ahead: Promise<LoadedBatch>[], fill: () => void) {
    for (let batch = ahead.shift(); batch; batch = ahead.shift()) {
      const asked = performance.now();
      fill();
      // An engine that computes synchronously never lets messages in: they come in here.
      await turnOfTheEventLoop();
      const made = await batch;
      const got = performance.now();
      time.waited += got - asked;
      yield made;
      time.busy += performance.now() - got;
    }
  }

  return {
    batches({ epoch, indices, batchSize, from = 0 }) {
      if (!Number.isInteger(batchSize) || batchSize < 1)
        throw new RangeError(`A batch holds at least one image, not ${batchSize}.`);
      if (!Number.isInteger(from) || from < 0) throw new RangeError(`There is no batch ${from}.`);
      for (const index of indices) imageAt(index);
      const ahead: Promise<LoadedBatch>[] = [];
      let start = from * batchSize;
      const fill = () => {
        for (; ahead.length < batchesAhead && start < indices.length; start += batchSize) {
          const batch = makeBatch(epoch, indices.slice(start, start + batchSize));
          // Its failure is for the iteration that comes to it; one that nobody comes to is nobody's.
          batch.catch(() => {});
          ahead.push(batch);
        }
      };
      fill();
      return deliver(ahead, fill);
    },
    waited: () => (time.waited === 0 ? 0 : time.waited / (time.waited + time.busy)),
    close,
  };
}
