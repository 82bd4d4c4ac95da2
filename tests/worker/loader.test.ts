import type { ChildProcess, ForkOptions } from "node:child_process";
import { createHash } from "node:crypto";
import sharp from "sharp";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { publishedInput as inputSize, sizeBlindSide } from "@/core/network/input";
import { seededRandom, seedOf } from "@/core/random";
import {
  addNoise,
  blur,
  canvasMean,
  centre,
  flipHorizontally,
  flipVertically,
  type Picture,
  rotate,
} from "@/worker/inception/augmentation";
import { type CanvasWindow, decodeCanvas, networkInput } from "@/worker/inception/preprocess";
import { type Augmentation, type Drawing, drawAugmentation } from "@/worker/training/augment";
import {
  type Input,
  type LoadedBatch,
  type Loader,
  type LoaderImage,
  openLoader,
  trainingMean,
} from "@/worker/training/loader";

/** Every process that the loader started. */
const children = vi.hoisted((): ChildProcess[] => []);
vi.mock("node:child_process", async (original) => {
  const actual = await original<typeof import("node:child_process")>();
  const fork = (file: string, args: readonly string[], options: ForkOptions) => {
    const child = actual.fork(file, args, options);
    children.push(child);
    return child;
  };
  return { ...actual, fork };
});

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

const opened: Loader[] = [];
async function open(options: Partial<Parameters<typeof openLoader>[0]> = {}): Promise<Loader> {
  const loader = await openLoader({ images, input, augmentation: everything, seed, ...options });
  opened.push(loader);
  return loader;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((loader) => loader.close()));
  children.splice(0);
});

const seed = 7;
const input: Input = { mean: [7.25, 30.1, 0], divisor: 127.5, size: inputSize, sizeBlind: false };
const everything: Augmentation = {
  flipHorizontal: true,
  flipVertical: true,
  rotationDegrees: 20,
  noiseSigma: 5,
  blurSigma: 1.5,
};
const nothing: Augmentation = {
  flipHorizontal: false,
  flipVertical: false,
  rotationDegrees: 0,
  noiseSigma: 0,
  blurSigma: 0,
};

/** A picture without a black pixel, so that what is 0 on the canvas is canvas. */
async function pictureOf(width: number, height: number, channels: 1 | 3): Promise<Uint8Array> {
  const random = seededRandom(seedOf(width, height, channels));
  const values = Uint8Array.from({ length: width * height * channels }, () => 1 + Math.floor(255 * random()));
  return sharp(values, { raw: { width, height, channels } }).png().toBuffer();
}

const shapes: readonly (readonly [number, number, 1 | 3])[] = [
  [20, 21, 1],
  [60, 47, 3],
  [31, 111, 3],
  [1, 1, 1],
  [299, 299, 3],
  [640, 400, 3],
];
const images: LoaderImage[] = [];
beforeAll(async () => {
  for (const shape of shapes) {
    const png = await pictureOf(...shape);
    images.push({ id: shape.join("x"), png: async () => png });
  }
});

const all = [3, 0, 5, 1, 4, 2];

async function take(batches: AsyncIterable<LoadedBatch>): Promise<LoadedBatch[]> {
  const taken: LoadedBatch[] = [];
  for await (const batch of batches) taken.push(batch);
  return taken;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);

/** Batches with a digest in place of their numbers: equal when every bit of these is. */
async function digests(batches: AsyncIterable<LoadedBatch>) {
  const taken = await take(batches);
  return taken.map(({ input, ...rest }) => ({
    ...rest,
    digest: createHash("sha256").update(bytesOf(input)).digest("hex"),
  }));
}

const canvasOf = (batch: LoadedBatch, place: number) =>
  batch.input.subarray(place * inputSize ** 2 * 3, (place + 1) * inputSize ** 2 * 3);

/** Noise by `addNoise` on a list of the crop's pixels, row by row: those whose centre lies in the crop before the turn. */
function noisy(canvas: Picture, crop: CanvasWindow, { degrees, noiseSigma, random }: Drawing): Picture {
  const angle = (degrees * Math.PI) / 180;
  const middle = (inputSize - 1) / 2;
  const pixels = Array.from({ length: inputSize ** 2 }, (_, i) => i).filter((i) => {
    const [x, y] = [(i % inputSize) - middle, Math.floor(i / inputSize) - middle];
    const fromX = middle + Math.cos(angle) * x - Math.sin(angle) * y - crop.x;
    const fromY = middle + Math.sin(angle) * x + Math.cos(angle) * y - crop.y;
    return fromX >= -0.5 && fromY >= -0.5 && fromX < crop.width - 0.5 && fromY < crop.height - 0.5;
  });
  const list = Float32Array.from(pixels.flatMap((i) => [...canvas.values.subarray(3 * i, 3 * i + 3)]));
  const noise = addNoise({ width: pixels.length, height: 1, channels: 3, values: list }, noiseSigma, random);
  const values = canvas.values.slice();
  for (const [at, i] of pixels.entries()) values.set(noise.values.subarray(3 * at, 3 * at + 3), 3 * i);
  return { ...canvas, values };
}

/** The same picture by the functions for whole canvases. */
async function reference(image: LoaderImage, augmentation: Augmentation, epoch: number): Promise<Picture> {
  const drawing = drawAugmentation(augmentation, seedOf(seed, epoch, image.id));
  const decoded = await decodeCanvas(await image.png(), input);
  let { picture } = decoded;
  const crop = { ...decoded.window };
  if (drawing.flip.horizontal) {
    picture = flipHorizontally(picture);
    crop.x = inputSize - crop.x - crop.width;
  }
  if (drawing.flip.vertical) {
    picture = flipVertically(picture);
    crop.y = inputSize - crop.y - crop.height;
  }
  if (drawing.blurSigma > 0) picture = blur(picture, drawing.blurSigma);
  if (drawing.degrees !== 0) picture = rotate(picture, drawing.degrees);
  if (drawing.noiseSigma > 0) picture = noisy(picture, crop, drawing);
  return centre(picture, input.mean, input.divisor);
}

describe("what the loader makes is what the functions for whole canvases make, bit for bit", () => {
  test.each<[string, Augmentation]>([
    ["without augmentation", nothing],
    ["flipped", { ...nothing, flipHorizontal: true, flipVertical: true }],
    ["turned", { ...nothing, rotationDegrees: 180 }],
    ["blurred", { ...nothing, blurSigma: 3 }],
    ["with noise", { ...nothing, noiseSigma: 12 }],
    ["with everything", everything],
  ])("%s", async (_, augmentation) => {
    const loader = await open({ augmentation });
    const [batch] = await take(loader.batches({ epoch: 3, indices: all, batchSize: 6 }));
    if (!batch) throw new Error("no batch came");
    for (const [place, index] of all.entries()) {
      const image = images[index];
      if (!image) throw new Error("no such image");
      const expected = (await reference(image, augmentation, 3)).values;
      expect(Buffer.compare(bytesOf(canvasOf(batch, place)), bytesOf(expected))).toBe(0);
    }
  });

  test("no augmentation at all is the picture on its canvas", async () => {
    const without = await digests(
      (await open({ augmentation: null })).batches({ epoch: 0, indices: all, batchSize: 4 }),
    );
    const off = await digests(
      (await open({ augmentation: nothing })).batches({ epoch: 0, indices: all, batchSize: 4 }),
    );
    expect(without).toEqual(off);
    expect(without.map(({ indices }) => indices)).toEqual([
      [3, 0, 5, 1],
      [4, 2],
    ]);
  });
});

test("everything outside the window is canvas, and the window is no larger than it has to be", async () => {
  const loader = await open();
  for (const epoch of [0, 1, 2]) {
    const [batch] = await take(loader.batches({ epoch, indices: all, batchSize: 6 }));
    if (!batch) throw new Error("no batch came");
    for (const [place, window] of batch.windows.entries()) {
      const canvas = canvasOf(batch, place);
      const blank = input.mean.map((mean) => Math.fround(-mean / input.divisor));
      const found = { left: inputSize, top: inputSize, right: -1, bottom: -1 };
      for (const [i, value] of canvas.entries()) {
        if (value === blank[i % 3]) continue;
        const [x, y] = [Math.floor(i / 3) % inputSize, Math.floor(i / 3 / inputSize)];
        found.left = Math.min(found.left, x);
        found.right = Math.max(found.right, x);
        found.top = Math.min(found.top, y);
        found.bottom = Math.max(found.bottom, y);
      }
      const margins = [
        found.left - window.x,
        found.top - window.y,
        window.x + window.width - 1 - found.right,
        window.y + window.height - 1 - found.bottom,
      ];
      expect(Math.min(...margins)).toBeGreaterThanOrEqual(0);
      // A turned box touches its bounding box in corners whose share of a pixel may be 0; a crop of one pixel is all corner.
      expect(Math.max(...margins)).toBeLessThanOrEqual(3);
    }
  }
});

describe("the same seed and epoch give the same pictures", () => {
  test("whatever the number of processes, the memory they have, and the batch a resumed run starts from", async () => {
    const epoch = { epoch: 5, indices: all, batchSize: 2 };
    const whole = await digests((await open()).batches(epoch));
    expect(whole.map(({ indices }) => indices)).toEqual([
      [3, 0],
      [5, 1],
      [4, 2],
    ]);
    const loader = await open({ processes: 3, keepBytes: 10_000 });
    expect(await digests(loader.batches({ ...epoch, epoch: 4 }))).not.toEqual(whole);
    expect(await digests(loader.batches(epoch))).toEqual(whole);
    expect(await digests((await open({ processes: 2 })).batches({ ...epoch, from: 1 }))).toEqual(whole.slice(1));
  });

  test("and another epoch, seed or image gives others", async () => {
    const drawn = (...parts: (string | number)[]) => drawAugmentation(everything, seedOf(...parts)).degrees;
    expect(new Set([drawn(1, 1, "a"), drawn(1, 2, "a"), drawn(2, 1, "a"), drawn(1, 1, "b")]).size).toBe(4);
  });
});

test("drawings cover their ranges, and switching one off leaves the others as they were", () => {
  const drawings = Array.from({ length: 4_000 }, (_, epoch) => drawAugmentation(everything, seedOf(seed, epoch, "a")));
  const share = (of: (drawing: Drawing) => boolean) => drawings.filter(of).length / drawings.length;
  // Five standard deviations of a share of one half among 4000 are 0.04.
  expect(share(({ flip }) => flip.horizontal)).toBeCloseTo(0.5, 1);
  expect(share(({ flip }) => flip.vertical)).toBeCloseTo(0.5, 1);
  expect(share(({ flip }) => flip.vertical && flip.horizontal)).toBeCloseTo(0.25, 1);
  expect(share(({ degrees }) => degrees < -10)).toBeCloseTo(0.25, 1);
  expect(share(({ blurSigma }) => blurSigma < 0.75)).toBeCloseTo(0.5, 1);
  expect(drawings.every(({ degrees, blurSigma }) => Math.abs(degrees) <= 20 && blurSigma > 0 && blurSigma <= 1.5)).toBe(
    true,
  );
  const still = drawAugmentation({ ...everything, flipHorizontal: false, rotationDegrees: 0 }, seedOf(seed, 0, "a"));
  expect(still.blurSigma).toBe(drawings[0]?.blurSigma);
  expect(still.random()).toBe(drawings[0]?.random());
});

test("an image is fetched once when its pixels are kept, and each epoch when they are not", async () => {
  const fetched = async (keepBytes: number) => {
    let count = 0;
    const counted = images.map((image) => ({
      ...image,
      png: () => {
        count += 1;
        return image.png();
      },
    }));
    const loader = await open({ images: counted, keepBytes });
    for (const epoch of [0, 1, 2]) await take(loader.batches({ epoch, indices: all, batchSize: 6 }));
    return count;
  };
  expect(await fetched(2 ** 20)).toBe(images.length);
  expect(await fetched(0)).toBe(3 * images.length);
});

test("no more batches are made ahead than a few", async () => {
  let fetched = 0;
  const png = await pictureOf(20, 20, 1);
  const many = Array.from({ length: 40 }, (_, i) => ({
    id: `${i}`,
    png: async () => {
      fetched += 1;
      return png;
    },
  }));
  const loader = await open({ images: many });
  const batches = loader.batches({ epoch: 0, indices: many.map((_, i) => i), batchSize: 2 });
  await batches.next();
  await new Promise((done) => setTimeout(done, 300));
  expect(fetched).toBeGreaterThanOrEqual(4);
  expect(fetched).toBeLessThanOrEqual(8);
  expect(loader.waited()).toBeGreaterThan(0);
  expect(await take(batches)).toHaveLength(19);
  expect(loader.waited()).toBeLessThanOrEqual(1);
});

test("the mean is that of the padded canvases", async () => {
  const canvases = await Promise.all(images.map(async (image) => decodeCanvas(await image.png(), input)));
  expect(await trainingMean(images, input)).toEqual(canvasMean(canvases.map(({ picture }) => picture)));
  await expect(trainingMean([], input)).rejects.toThrow(RangeError);
});

test("size-blind, crops of any size and shape fill the same length", async () => {
  const loader = await open({ input: { ...input, sizeBlind: true }, augmentation: null });
  const [batch] = await take(loader.batches({ epoch: 0, indices: all, batchSize: 6 }));
  expect(batch?.windows.map(({ width, height }) => Math.max(width, height))).toEqual(
    all.map(() => sizeBlindSide(inputSize)),
  );
  expect(batch?.windows[3]).toEqual({ x: 49, y: 71, width: 200, height: 157 });
});

test("the frozen regimen's input is the canvas divided by 255, as sharp alone pads it", async () => {
  for (const [index, [width, height]] of shapes.entries()) {
    const png = (await images[index]?.png()) ?? new Uint8Array();
    const scale = Math.min(1, inputSize / Math.max(width, height));
    const fitted = { width: Math.round(width * scale), height: Math.round(height * scale) };
    const [left, top] = [Math.floor((inputSize - fitted.width) / 2), Math.floor((inputSize - fitted.height) / 2)];
    const pixels = await sharp(png)
      .toColourspace("srgb")
      .removeAlpha()
      .resize(fitted.width, fitted.height, { fit: "fill" })
      .extend({
        left,
        top,
        right: inputSize - fitted.width - left,
        bottom: inputSize - fitted.height - top,
        background: { r: 0, g: 0, b: 0 },
      })
      .raw()
      .toBuffer();
    const expected = Float32Array.from(pixels, (value) => value / 255);
    expect(Buffer.compare(bytesOf(await networkInput(png, inputSize)), bytesOf(expected))).toBe(0);
  }
});

describe("what goes wrong is said", () => {
  const broken: LoaderImage = { id: "crop-17", png: async () => new TextEncoder().encode("no picture") };
  const lost: LoaderImage = { id: "crop-18", png: () => Promise.reject(new Error("no such object")) };
  const everyImage = (list: readonly LoaderImage[]) => ({ epoch: 0, indices: list.map((_, i) => i), batchSize: 1 });

  test("an image that cannot be read is named, after the batches before it", async () => {
    const list = [...images, broken];
    const loader = await open({ images: list });
    let batches = 0;
    const taking = (async () => {
      for await (const _ of loader.batches(everyImage(list))) batches++;
    })();
    await expect(taking).rejects.toThrow(
      /^Image crop-17 cannot be read as a picture \(.+\)\. Exclude it or upload it again/,
    );
    expect(batches).toBe(images.length);
    expect(await take(loader.batches(everyImage(images)))).toHaveLength(images.length);
    await expect(trainingMean(list, input)).rejects.toThrow(/^Image crop-17 cannot be read/);
  });

  test("an image that the store does not give is named", async () => {
    const loader = await open({ images: [lost] });
    const message = /^The file of image crop-18 could not be fetched \(no such object\)\. Check the file store/;
    await expect(take(loader.batches(everyImage([lost])))).rejects.toThrow(message);
    await expect(trainingMean([lost], input)).rejects.toThrow(message);
  });

  test("a process that is killed ends the iteration, the ones after it, and closing still works", async () => {
    const loader = await open({ processes: 2 });
    const batches = loader.batches(everyImage(images));
    await batches.next();
    for (const child of children) child.kill("SIGKILL");
    const message =
      /ended \(SIGKILL\), most likely for want of memory\. Close other programs and start the training again/;
    await expect(take(batches)).rejects.toThrow(message);
    await expect(take(loader.batches(everyImage(images)))).rejects.toThrow(message);
    await loader.close();
  });

  test("what cannot be asked for is refused at once", async () => {
    const loader = await open();
    const epoch = { epoch: 0, indices: all, batchSize: 2 };
    expect(() => loader.batches({ ...epoch, batchSize: 0 })).toThrow(RangeError);
    expect(() => loader.batches({ ...epoch, from: -1 })).toThrow(RangeError);
    expect(() => loader.batches({ ...epoch, indices: [images.length] })).toThrow("There is no image 6 among 6.");
    expect(await take(loader.batches({ ...epoch, indices: [] }))).toEqual([]);
    expect(await take(loader.batches({ ...epoch, from: 9 }))).toEqual([]);
    await expect(openLoader({ images, input, augmentation: null, seed, processes: 0 })).rejects.toThrow(RangeError);
    await expect(openLoader({ images, input: { ...input, divisor: 0 }, augmentation: null, seed })).rejects.toThrow(
      RangeError,
    );
  });
});

describe("no process is left behind", () => {
  test("after closing, in the middle of an epoch and twice", async () => {
    const loader = await open({ processes: 2 });
    const batches = loader.batches({ epoch: 0, indices: all, batchSize: 1 });
    await batches.next();
    expect(children).toHaveLength(2);
    const rest = take(batches);
    await Promise.all([expect(rest).rejects.toThrow("The loader was closed."), loader.close()]);
    await loader.close();
    expect(children.map(hasEnded)).toEqual([true, true]);
    await expect(take(loader.batches({ epoch: 0, indices: all, batchSize: 1 }))).rejects.toThrow("closed");
  });

  test("after the worker that opened it is gone", async () => {
    await open();
    const [child] = children;
    if (!child) throw new Error("no process was started");
    const ended = new Promise((done) => child.once("exit", done));
    child.disconnect();
    expect(await ended).toBe(0);
  });
});
