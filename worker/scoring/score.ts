import type { Tensor4D } from "@tensorflow/tfjs-core";
import { blockNames, features } from "@/core/network/inception";
import { sigmoid } from "@/core/network/unit";
import type { Tf } from "@/worker/engines";
import type { Picture } from "@/worker/inception/augmentation";
import { unitLogits } from "@/worker/inception/differentiable";
import { buildNetwork } from "@/worker/inception/network";
import { decodeCanvas } from "@/worker/inception/preprocess";
import { blankActivations, contentBox, windowedBlocks } from "@/worker/inception/window";
import type { StoredModel } from "./stored-model";

const colours = 3;

/** A canvas as the network takes it: (x - mean of its colour) / divisor, row by row, three colours a pixel; a grey canvas gives each of them. */
export function networkInputOf(canvas: Picture, { mean, divisor }: StoredModel["input"]): Float32Array {
  const { width, height, channels, values } = canvas;
  const input = new Float32Array(width * height * colours);
  for (let i = 0; i < input.length; i++) {
    const colour = i % colours;
    const value = values[Math.floor(i / colours) * channels + (colour % channels)] ?? 0;
    input[i] = (value - (mean[colour] ?? 0)) / divisor;
  }
  return input;
}

/** Inputs as one tensor, [N, size, size, 3]; to be disposed. @throws RangeError on none, and on inputs of another size */
export function inputTensor(tf: Tf, inputs: readonly Float32Array[], size: number): Tensor4D {
  const length = size * size * colours;
  if (inputs.length === 0 || inputs.some((input) => input.length !== length))
    throw new RangeError(`This network takes pictures of ${size} x ${size} pixels, three colours a pixel.`);
  const joined = new Float32Array(inputs.length * length);
  for (const [i, input] of inputs.entries()) joined.set(input, i * length);
  return tf.tensor4d(joined, [inputs.length, size, size, colours]);
}

export interface Scorer {
  /** @param inputs of `networkInputOf`, computed together: a batch @returns the logit of each */
  logits(inputs: readonly Float32Array[]): Promise<Float32Array>;
  dispose(): void;
}

/**
 * A model for inference: every batch normalisation on its moving statistics, folded into its convolution. Only what sees a crop is computed; the
 * rest is that of a blank canvas.
 */
export function openScorer(tf: Tf, model: Pick<StoredModel, "layers" | "unit" | "input">): Scorer {
  const network = buildNetwork(tf, model.layers);
  const { mean, divisor, size } = model.input;
  const canvas = [...Float32Array.from(mean, (value) => -value / divisor)];
  const blank = blankActivations(tf, network.layers, blockNames, { size, canvas });
  const kernel = tf.tensor2d(model.unit.kernel, [features, 1]);
  const bias = tf.tensor1d([model.unit.bias]);
  return {
    async logits(inputs) {
      const x = inputTensor(tf, inputs, size);
      const boxes = inputs.map((input) => contentBox(input, size, canvas));
      const z = tf.tidy(() => {
        const mixed10 = windowedBlocks(tf, network.layers, blockNames, x, { boxes, blank, together: inputs.length });
        return unitLogits(tf, mixed10, kernel, bias);
      });
      const logits = Float32Array.from(await z.data());
      tf.dispose([x, z]);
      return logits;
    },
    dispose() {
      blank.dispose();
      network.dispose();
      tf.dispose([kernel, bias]);
    },
  };
}

export interface CropToScore {
  id: string;
  png(): Promise<Uint8Array>;
}

export interface CropScore {
  id: string;
  logit: number;
  /** In [0, 1]. */
  score: number;
}

/**
 * Scores crops with a model, in the order they come.
 * @param options.batch images that are computed together
 * @param options.onScores sees the scores of each batch before the next is read
 */
export async function scoreCrops(
  tf: Tf,
  model: StoredModel,
  crops: AsyncIterable<CropToScore> | Iterable<CropToScore>,
  { batch, onScores }: { batch: number; onScores: (scores: CropScore[]) => Promise<void> },
): Promise<void> {
  const scorer = openScorer(tf, model);
  const scoreBatch = async (waiting: readonly CropToScore[]) => {
    const inputs = await Promise.all(
      waiting.map(async ({ png }) => {
        const { picture } = await decodeCanvas(await png(), model.input);
        return networkInputOf(picture, model.input);
      }),
    );
    const logits = await scorer.logits(inputs);
    await onScores(
      waiting.map(({ id }, i) => {
        const logit = logits[i] ?? Number.NaN;
        return { id, logit, score: sigmoid(logit) };
      }),
    );
  };
  try {
    let waiting: CropToScore[] = [];
    for await (const crop of crops) {
      waiting.push(crop);
      if (waiting.length < batch) continue;
      await scoreBatch(waiting);
      waiting = [];
    }
    if (waiting.length > 0) await scoreBatch(waiting);
  } finally {
    scorer.dispose();
  }
}
