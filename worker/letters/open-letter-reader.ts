import * as ort from "onnxruntime-web";
import sharp, { type Sharp } from "sharp";
import { type Box, findLines } from "./find-lines";
import { modelNames, readModels } from "./models";

/** An image as a person sees it: grey or red, green and blue, 8 bits. */
export interface Picture {
  pixels: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
}

/** Where letters are, in pixels of the picture, and how sure of them the recogniser is. What they say is told to nobody. */
export interface Letters {
  box: Box;
  confidence: number;
}

/** Pixels of the longer side that the detector sees: letters of 9 pixels in an image of 256 have 26 then. What is larger stays as it is, to a limit of its memory. */
const [leastSide, mostSide] = [736, 2048];
/** From where on what was read counts as letters. */
export const surely = 0.5;
/** What is read into specks of anatomy is one character or two. */
const [fewLetters, surelyFew] = [2, 0.8];
/** Sides of what the networks take: a multiple, and the height of a line. */
const [step, lineHeight] = [32, 48];
/** The longest line that is read at once, in pixels of that height. */
const longestLine = 1600;

/** What a look was made with: other models or thresholds are another method. */
export const lookMethod = `pp-ocr-v4 ${modelNames} side ${leastSide}-${mostSide} from ${surely}, ${fewLetters} letters ${surelyFew}`;

/** Loads both networks: to be asked for one picture at a time. @throws Error as `readModels` */
export async function openLetterReader(): Promise<(picture: Picture) => Promise<Letters[]>> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  const models = readModels();
  const open = (bytes: Uint8Array) => ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
  const [detector, recogniser] = [await open(models.detector), await open(models.recogniser)];

  const run = async (session: ort.InferenceSession, input: Float32Array, width: number, height: number) => {
    const [inputName, outputName] = [session.inputNames[0] ?? "", session.outputNames[0] ?? ""];
    const output = (await session.run({ [inputName]: new ort.Tensor("float32", input, [1, 3, height, width]) }))[
      outputName
    ];
    if (!(output?.data instanceof Float32Array)) throw new Error("the network gave no numbers");
    return { data: output.data, dims: output.dims };
  };

  /** How sure the recogniser is of the letters in a line; 0 where there are none. */
  const sureness = async (line: Sharp): Promise<number> => {
    const { data, info } = await line.resize({ height: lineHeight }).raw().toBuffer({ resolveWithObject: true });
    const width = Math.min(longestLine, info.width);
    const { data: chances, dims } = await run(
      recogniser,
      planar(data, { ...info, width, stride: info.width }, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
      width,
      lineHeight,
    );
    const [steps, classes] = [dims[1] ?? 0, dims[2] ?? 0];
    const read: { character: string; chance: number }[] = [];
    for (let at = 0, before = 0; at < steps; at++) {
      let best = 0;
      for (let each = 1; each < classes; each++)
        if ((chances[at * classes + each] ?? 0) > (chances[at * classes + best] ?? 0)) best = each;
      if (best !== 0 && best !== before)
        read.push({ character: models.characters[best] ?? "", chance: chances[at * classes + best] ?? 0 });
      before = best;
    }
    const letters = read.filter(({ character }) => /[\p{L}\p{N}]/u.test(character));
    const mean = read.reduce((sum, { chance }) => sum + chance, 0) / read.length;
    return letters.length === 0 || (letters.length <= fewLetters && mean < surelyFew) ? 0 : mean;
  };

  return async ({ pixels, width, height, channels }) => {
    const source = sharp(pixels, { raw: { width, height, channels } }).toColourspace("srgb");
    const side = Math.min(mostSide, Math.max(leastSide, width, height));
    const scale = side / Math.max(width, height);
    const [w, h] = [width, height].map((each) => Math.max(1, Math.round(each * scale))) as [number, number];
    const [right, bottom] = [w, h].map((each) => (step - (each % step)) % step);
    const padding = { right, bottom, background: "black" };
    const { data, info } = await source
      .clone()
      .resize(w, h, { fit: "fill", kernel: "cubic" })
      .extend(padding)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { data: map } = await run(
      detector,
      planar(data, { ...info, stride: info.width }, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
      info.width,
      info.height,
    );
    const found: Letters[] = [];
    for (const [l, t, boxWidth, boxHeight] of findLines(map, info)) {
      // In pixels of the picture; beside it there is nothing.
      const left = Math.min(width - 1, Math.floor(l / scale));
      const top = Math.min(height - 1, Math.floor(t / scale));
      const box: Box = [
        left,
        top,
        Math.max(1, Math.min(width, Math.ceil((l + boxWidth) / scale)) - left),
        Math.max(1, Math.min(height, Math.ceil((t + boxHeight) / scale)) - top),
      ];
      const line = sharp(
        await source.clone().extract({ left: box[0], top: box[1], width: box[2], height: box[3] }).png().toBuffer(),
      );
      // What is high and narrow may be a character, or a line along the side.
      const turns = box[3] >= 1.5 * box[2] ? [0, 90, 270] : [0];
      let confidence = 0;
      for (const turn of turns) confidence = Math.max(confidence, await sureness(line.clone().rotate(turn)));
      if (confidence >= surely) found.push({ box, confidence });
    }
    return found;
  };
}

/** Pixels side by side as planes of blue, green and red, as the networks were trained, each less its mean and divided. */
function planar(
  data: Uint8Array,
  { width, height, channels, stride }: { width: number; height: number; channels: number; stride: number },
  mean: readonly [number, number, number],
  deviation: readonly [number, number, number],
): Float32Array {
  const planes = new Float32Array(3 * width * height);
  for (const plane of [0, 1, 2] as const) {
    const channel = channels === 1 ? 0 : 2 - plane;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        planes[(plane * height + y) * width + x] =
          ((data[(y * stride + x) * channels + channel] ?? 0) / 255 - mean[plane]) / deviation[plane];
  }
  return planes;
}
