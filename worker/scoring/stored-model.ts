import { z } from "zod";
import { convolutions } from "@/core/network/inception";
import { largestInput, publishedInput, smallestInput } from "@/core/network/input";
import { pretrainedWeights } from "@/core/protocol/regimen";
import { SaidError } from "@/core/words/said";
import { readObject } from "@/server/store";
import type { LayerWeights } from "@/worker/inception/network";
import type { Canvas } from "@/worker/inception/preprocess";
import type { UnitWeights } from "@/worker/inception/training-network";
import { decodeModelFile, encodeModelFile } from "@/worker/interchange/model-file";
import { loadPretrained } from "@/worker/weights/pretrained";

/** A finished model: everything that turns a stored crop into a score. */
export interface StoredModel {
  /** All 94. */
  layers: LayerWeights[];
  unit: UnitWeights;
  /** Convolutions 1 .. frozen are those of the pretrained weights. */
  frozen: number;
  weights: z.infer<typeof pretrainedWeights>;
  /** Of the random start. */
  seed: number;
  /** (x - mean) / divisor of 0..255 on the padded canvas. */
  input: Canvas & { mean: [number, number, number]; divisor: number };
}

const header = z.object({
  kind: z.literal("model", "The stored file is no model."),
  frozen: z.int().min(0).max(convolutions),
  weights: pretrainedWeights,
  seed: z.int(),
  input: z.object({
    mean: z.tuple([z.number(), z.number(), z.number()]),
    divisor: z.number(),
    /** Not in the files of the time when every network saw squares of the published size. */
    size: z.int().min(smallestInput).max(largestInput).default(publishedInput),
    sizeBlind: z.boolean(),
  }),
});

/** As a file of the store: layers frozen + 1 .. 94 and the unit. The frozen ones come from the pretrained weights, which are pinned. */
export function encodeModel({ layers, unit, frozen, weights, seed, input }: StoredModel): Buffer {
  const about: z.infer<typeof header> = { kind: "model", frozen, weights, seed, input };
  return encodeModelFile(about, [
    ...layers.slice(frozen).flatMap(({ kernel, beta, mean, variance }) => [kernel, beta, mean, variance]),
    unit.kernel,
    Float32Array.of(unit.bias),
  ]);
}

/** @throws Error when the bytes are no model, or cut off */
export async function decodeModel(bytes: Uint8Array): Promise<StoredModel> {
  const { header: about, arrays } = decodeModelFile(bytes);
  const { frozen, weights, seed, input } = header.parse(about);
  const { layers: pretrained } = await loadPretrained(weights, { seed });
  const queue = arrays.values();
  const next = () => {
    const { value } = queue.next();
    if (!value) throw new SaidError({ key: "worker.model_cut" });
    return value;
  };
  const trained = Array.from({ length: convolutions - frozen }, () => ({
    kernel: next(),
    beta: next(),
    mean: next(),
    variance: next(),
  }));
  const kernel = next();
  const [bias = Number.NaN] = next();
  return { layers: [...pretrained.slice(0, frozen), ...trained], unit: { kernel, bias }, frozen, weights, seed, input };
}

/** Bytes: all of Inception-v3 is 87 MB. */
const largestModel = 256 * 1024 ** 2;

/** The model of a run's fold, by the hash that its record names. */
export const openModel = async (sha256: string): Promise<StoredModel> =>
  decodeModel(await readObject(sha256, { limit: largestModel }));
