import sharp from "sharp";
import { publishedInput as inputSize } from "@/core/network/input";
import { sayIn } from "@/core/words";
import { type Engine, engineNames, findEngine } from "@/worker/engines";
import { deviation, tolerance } from "@/worker/engines/self-test";
import { extractFeatures, type FeatureImage, imagesAtOnce } from "@/worker/features/extract-features";

const images = 2 * imagesAtOnce;

/** Pictures of a few sinusoids, another one for every number. */
async function picture(number: number): Promise<FeatureImage> {
  const pixels = Buffer.alloc(inputSize * inputSize * 3);
  for (let i = 0; i < pixels.length; i++) {
    const [column, row] = [Math.floor(i / 3) % inputSize, Math.floor(i / 3 / inputSize)];
    const wave = Math.sin((column * (3 + number)) / 40 + (i % 3)) + Math.sin((row * (2 + 3 * number)) / 60);
    pixels[i] = Math.round(127 + 60 * wave);
  }
  const png = await sharp(pixels, { raw: { width: inputSize, height: inputSize, channels: 3 } })
    .png()
    .toBuffer();
  return { contentKey: String(number), length: inputSize, png: async () => png };
}

/** Features of all pictures as a training computes them, and the time of one when the engine is warm. */
async function timed(engine: Engine, pictures: readonly FeatureImage[]) {
  const stamps: number[] = [];
  const { features } = await extractFeatures({
    engine,
    images: pictures,
    size: inputSize,
    cache: { get: async () => null, put: async () => {} },
    onProgress: async () => {
      stamps.push(performance.now());
    },
    onLog: async (line) => {
      process.stdout.write(`${sayIn("en")(line)}\n`);
    },
  });
  // The first stamp is the beginning; then what every lane takes first, which warms it up.
  const warming = engine.name === "portable" ? engine.threads : imagesAtOnce;
  const [first = 0, last = 0] = [stamps[warming], stamps.at(-1)];
  const values = new Float32Array(features.flatMap((row) => [...row]));
  return { milliseconds: (last - first) / (images - warming), values };
}

/** The frozen network's forward pass on each engine that is here, through the code that trainings use. */
export async function bench(): Promise<string[]> {
  const pictures = await Promise.all([...Array(images).keys()].map(picture));
  const lines: string[] = [];
  const outcomes: { name: string; values: Float32Array }[] = [];
  for (const name of engineNames) {
    const { engine } = await findEngine(name);
    if (!engine) continue;
    const { milliseconds, values } = await timed(engine, pictures);
    const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
    const memory = name === "portable" ? "" : `, peak memory ${megabytes} MB`;
    lines.push(`${name}: ${milliseconds.toFixed(0)} ms an image (${engine.threads} threads${memory})`);
    outcomes.push({ name, values });
  }
  const portable = outcomes.at(-1);
  for (const { name, values } of outcomes)
    if (portable && name !== portable.name)
      lines.push(
        `${name} and ${portable.name}: features differ by ${deviation(values, portable.values).toExponential(1)} standard deviations at most (${tolerance} allowed)`,
      );
  return lines;
}
