import sharp from "sharp";
import { type CanvasWindow, type DecodedCrop, decodeCrop } from "@/worker/inception/preprocess";
import { augmentCrop, drawAugmentation } from "./augment";
import type { Example, LoaderAnswer, Setup } from "./loader";

/**
 * One process of the loader: decodes crops, keeps their pixels up to a bound, varies them, and sends the part of each canvas that is not
 * constant. It ends when the worker does.
 */
process.on("disconnect", () => process.exit(0));
sharp.concurrency(1);
sharp.cache(false);

const { input, augmentation, keepBytes }: Setup = JSON.parse(process.argv[2] ?? "");
const kept = new Map<number, DecodedCrop>();
let keptBytes = 0;

const send = (answer: LoaderAnswer) => process.send?.(answer);

class UnreadableError extends Error {
  constructor(
    readonly index: number,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

async function cropOf({ index, png }: Example): Promise<DecodedCrop> {
  const known = kept.get(index);
  if (known) return known;
  const crop = await decodeCrop(png ?? new Uint8Array(), input).catch((error: unknown) => {
    throw new UnreadableError(index, error);
  });
  if (!kept.has(index) && keptBytes + crop.pixels.length <= keepBytes) {
    kept.set(index, crop);
    keptBytes += crop.pixels.length;
  }
  return crop;
}

async function make(order: number, examples: readonly Example[]): Promise<void> {
  const crops = await Promise.all(examples.map(cropOf));
  const patches = examples.map(({ seed }, i) => {
    const crop = crops[i];
    if (!crop) throw new RangeError("an example has no crop");
    return augmentCrop(crop, augmentation && drawAugmentation(augmentation, seed));
  });
  const windows: CanvasWindow[] = patches.map(({ window }) => window);
  const values = new Float32Array(patches.reduce((total, patch) => total + patch.values.length, 0));
  let offset = 0;
  for (const patch of patches) {
    for (let i = 0; i < patch.values.length; i += 3)
      for (let c = 0; c < 3; c++)
        values[offset++] = ((patch.values[i + c] ?? 0) - (input.mean[c] ?? 0)) / input.divisor;
  }
  send({ order, windows, values, kept: examples.flatMap(({ index }) => (kept.has(index) ? [index] : [])) });
}

let last = Promise.resolve();
process.on("message", ({ order, examples }: { order: number; examples: Example[] }) => {
  last = last.then(() =>
    make(order, examples).catch((error: unknown) => {
      if (!(error instanceof UnreadableError)) throw error;
      send({ order, unreadable: error.index, reason: error.message });
    }),
  );
});
send({ ready: true });
