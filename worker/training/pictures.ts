import type { NetworkRegimen } from "@/core/protocol/regimen";
import { seedOf } from "@/core/random";
import { SaidError, saidOfError } from "@/core/words/said";
import { readImage } from "@/server/services/imaging/read-image";
import { decodeCanvas } from "@/worker/inception/preprocess";
import { networkInputOf } from "@/worker/scoring/score";
import type { StoredModel } from "@/worker/scoring/stored-model";
import { type Loader, openLoader, trainingMean } from "./loader";
import type { TrainingItem } from "./records";

/** The pictures of a fold: varied ones to learn from, plain ones to choose on and to score. */
export interface Pictures {
  /** How they become numbers; the mean is that of the side that is trained on. */
  input: StoredModel["input"];
  /** Of the crops that are trained on, numbered in the order of `fit`. */
  loader: Loader;
  /** A picture as it is scored. @param place among the items @throws Error that names the image where it cannot be read */
  plain(place: number): Promise<Float32Array>;
}

/** @param options.fit places of the crops that are trained on, among the items */
export async function openPictures(options: {
  regimen: NetworkRegimen;
  items: readonly TrainingItem[];
  fit: readonly number[];
  fold: number;
}): Promise<Pictures> {
  const { regimen, items, fit, fold } = options;
  const { inputSize: size, sizeBlind, flipHorizontal, flipVertical, rotationDegrees, noiseSigma, blurSigma } = regimen;
  const images = fit.map((place) => {
    const { id = "", subject = "", node = "", sha256 = "" } = items[place] ?? {};
    return { id, seedKey: `${subject}|${node}|${sha256}`, png: () => readImage(sha256) };
  });
  const mean = await trainingMean(images, { size, sizeBlind });
  const divisor = regimen.scaling === "subtract-mean-divide-by-255" ? 255 : 127.5;
  const input = { mean, divisor, size, sizeBlind };
  const loader = await openLoader({
    images,
    input,
    augmentation: { flipHorizontal, flipVertical, rotationDegrees, noiseSigma, blurSigma },
    seed: seedOf("augmentation", regimen.seed, fold),
  });
  return { input, loader, plain: plainPictures(items, input) };
}

/** Pictures as they are scored, for a model with this input. */
export const plainPictures =
  (items: readonly TrainingItem[], input: StoredModel["input"]): Pictures["plain"] =>
  async (place) => {
    const { id, subject, node, sha256 } = items[place] ?? { id: "", subject: "", node: "", sha256: "" };
    const { picture } = await decodeCanvas(await readImage(sha256), input).catch((error: Error) => {
      throw new SaidError({
        key: "worker.image_unreadable",
        values: { subject, node, id, reason: saidOfError(error) },
      });
    });
    return networkInputOf(picture, input);
  };
