import { randomUUID } from "node:crypto";
import { z } from "zod";
import { convolutions } from "@/core/network/inception";
import { SaidError } from "@/core/words/said";
import { runFold } from "@/server/schemas/model";
import { sha256 } from "@/server/sha256";
import { store } from "@/server/store";
import type { LayerWeights } from "@/worker/inception/network";
import type { SgdState } from "@/worker/inception/optimiser";
import type { UnitWeights } from "@/worker/inception/training-network";
import { decodeModelFile, encodeModelFile } from "@/worker/interchange/model-file";
import type { FinishedFold, Score, TrainingEvents } from "./records";

/** What learns of the network: convolutions `convolutions - layers.length + 1` .. 94 in order, and the unit. */
export interface Learned {
  layers: LayerWeights[];
  unit: UnitWeights;
}

/** The fold that is being trained, between two updates of the weights. */
export interface FoldState {
  fold: number;
  /** Epochs done, and micro-batches done of the next. */
  epoch: number;
  microBatches: number;
  /** Sum of losses and images of the epoch so far. */
  lossSum: number;
  lossImages: number;
  /** Epochs since the best one. */
  sinceBest: number;
  best: { epoch: number; loss: number; auc: number | null } | null;
  learned: Learned;
  sgd: SgdState;
  /** Weights of the best epoch; null when the newest ones are. */
  bestLearned: Learned | null;
}

/** All that a training needs to go on as if nothing had happened. What is drawn at random comes from seeds, so no generator's state is in it. */
export interface Checkpoint {
  finished: { fold: FinishedFold; scores: Score[] }[];
  current: FoldState | null;
  /** Seconds trained before, by all attempts, and images that went through the network in them. */
  seconds: number;
  images: number;
}

const header = z.object({
  kind: z.literal("checkpoint", "The stored file is no checkpoint."),
  /** Of this file alone: two runs on the same data must not share a file that one of them removes. */
  file: z.uuid(),
  finished: z.array(
    z.object({ fold: runFold, scores: z.array(z.object({ id: z.string(), fold: z.int(), score: z.number() })) }),
  ),
  seconds: z.number(),
  images: z.int(),
  current: z
    .object({
      fold: z.int(),
      epoch: z.int(),
      microBatches: z.int(),
      lossSum: z.number(),
      lossImages: z.int(),
      sinceBest: z.int(),
      best: z.object({ epoch: z.int(), loss: z.number(), auc: z.number().nullable() }).nullable(),
      /** How many layers the arrays hold, and of the best epoch. */
      layers: z.int().min(0).max(convolutions),
      bestLayers: z.int().min(0).max(convolutions).nullable(),
      steps: z.int(),
      velocities: z.array(z.string()),
    })
    .nullable(),
});

const arraysOf = ({ layers, unit }: Learned): Float32Array[] => [
  ...layers.flatMap(({ kernel, beta, mean, variance }) => [kernel, beta, mean, variance]),
  unit.kernel,
  Float32Array.of(unit.bias),
];

/** @throws Error when the file is a checkpoint of another network */
function learnedFrom(arrays: Iterator<Float32Array>, layers: number): Learned {
  const next = () => {
    const { value } = arrays.next();
    if (!(value instanceof Float32Array)) throw new SaidError({ key: "worker.checkpoint_cut" });
    return value;
  };
  const read = Array.from({ length: layers }, () => ({
    kernel: next(),
    beta: next(),
    mean: next(),
    variance: next(),
  }));
  const kernel = next();
  const [bias = Number.NaN] = next();
  return { layers: read, unit: { kernel, bias } };
}

/** Keeps a state under the name that is told first, so that none lies in the store that nobody removes. */
export async function keepCheckpoint(
  events: TrainingEvents,
  { fold, epoch, bytes }: { fold: number; epoch: number; bytes: Buffer },
): Promise<void> {
  await events.checkpoint({ fold, epoch, sha256: sha256(bytes) });
  await store.put(bytes);
}

export function encodeCheckpoint({ finished, current, seconds, images }: Checkpoint): Buffer {
  if (!current)
    return encodeModelFile({ kind: "checkpoint", file: randomUUID(), finished, seconds, images, current: null }, []);
  const { learned, sgd, bestLearned, ...rest } = current;
  const about: z.infer<typeof header> = {
    kind: "checkpoint",
    file: randomUUID(),
    finished,
    seconds,
    images,
    current: {
      ...rest,
      layers: learned.layers.length,
      bestLayers: bestLearned?.layers.length ?? null,
      steps: sgd.steps,
      velocities: [...sgd.velocities.keys()],
    },
  };
  return encodeModelFile(about, [
    ...arraysOf(learned),
    ...sgd.velocities.values(),
    ...(bestLearned ? arraysOf(bestLearned) : []),
  ]);
}

/** @throws Error when the bytes are no checkpoint, or cut off */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { header: about, arrays } = decodeModelFile(bytes);
  const { finished, seconds, images, current } = header.parse(about);
  if (!current) return { finished, seconds, images, current: null };
  const { layers, steps, velocities, bestLayers, ...rest } = current;
  const queue = arrays.values();
  const learned = learnedFrom(queue, layers);
  const read = new Map(velocities.map((name) => [name, queue.next().value ?? new Float32Array()]));
  return {
    finished,
    seconds,
    images,
    current: {
      ...rest,
      learned,
      sgd: { steps, velocities: read },
      bestLearned: bestLayers === null ? null : learnedFrom(queue, bestLayers),
    },
  };
}
