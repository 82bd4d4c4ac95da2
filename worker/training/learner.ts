import { freemem } from "node:os";
import { frozenConvolutions } from "@/core/network/freezing";
import { convolutions } from "@/core/network/inception";
import { publishedInput } from "@/core/network/input";
import type { NetworkRegimen } from "@/core/protocol/regimen";
import type { Tf } from "@/worker/engines";
import type { LayerWeights } from "@/worker/inception/network";
import { momentumSgd } from "@/worker/inception/optimiser";
import { backward, buildTrainingNetwork, trainedWeights } from "@/worker/inception/training-network";
import type { FoldState, Learned } from "./checkpoint";
import { gatherGradients } from "./gather";
import type { LoadedBatch } from "./loader";

/** Bytes of activations that one image takes in a step that keeps them all, nothing frozen, at the published size (measured: 0.2 GB). */
const bytesPerImage = 0.21 * 1024 ** 3;

/** Pictures whose gradients are computed together, and what they are a part of. */
export interface MicroBatch {
  pictures: Pick<LoadedBatch, "input" | "windows">;
  labels: readonly (0 | 1)[];
  /** Weight of each in the loss; null where they all weigh 1. */
  weights: readonly number[] | null;
  /** Their share of the batch, in (0, 1]. */
  share: number;
  /** With the last of a batch the weights move. */
  isLast: boolean;
}

/** The network of a fold while it learns: its weights, their momentum, and the gradients of a batch so far. */
export interface Learner {
  /** Convolutions that do not learn now. */
  frozen(): number;
  /** To be called before an epoch: when the unit has learned alone long enough, the rest begins. @param epoch epochs done */
  enter(epoch: number): Promise<void>;
  /** @returns the mean loss of the pictures */
  step(micro: MicroBatch): number;
  learned(): Promise<Learned>;
  /** What is needed to go on from here. */
  state(): Promise<Pick<FoldState, "learned" | "sgd">>;
  close(): void;
}

/** All layers of a network of which some were learned: the first ones are those that training started from. */
export const withLearned = (pretrained: readonly LayerWeights[], { layers }: Learned): LayerWeights[] => [
  ...pretrained.slice(0, convolutions - layers.length),
  ...layers,
];

/** @param options.batches in an epoch @param options.from as the fold was left, or as it begins */
export function openLearner(
  tf: Tf,
  options: {
    regimen: NetworkRegimen;
    pretrained: readonly LayerWeights[];
    batches: number;
    from: Pick<FoldState, "learned" | "sgd" | "epoch">;
  },
): Learner {
  const { regimen, pretrained, batches, from } = options;
  const { optimiser, microBatch, inputSize, headFirstEpochs } = regimen;
  const rate = { ...optimiser, ...(optimiser.schedule === "cosine" && { cosineOver: batches * optimiser.epochs }) };
  const frozenAt = (epoch: number) => (epoch < headFirstEpochs ? convolutions : frozenConvolutions(regimen));
  const open = ({ learned, sgd }: Pick<FoldState, "learned" | "sgd">, frozen: number) => {
    const activations = bytesPerImage * (inputSize / publishedInput) ** 2 * microBatch * (1 - frozen / convolutions);
    const network = buildTrainingNetwork(tf, {
      weights: withLearned(pretrained, learned),
      unit: learned.unit,
      frozen,
      memory: activations < freemem() / 2 ? "keep" : "recompute",
    });
    return { network, sgd: momentumSgd(tf, rate, sgd), frozen };
  };
  let opened = open(from, frozenAt(from.epoch));
  const gathered = gatherGradients(tf);
  const dispose = () => {
    opened.network.dispose();
    opened.sgd.dispose();
  };
  const learned = () => trainedWeights(opened.network);
  const state = async () => ({ learned: await learned(), sgd: await opened.sgd.state() });
  return {
    frozen: () => opened.frozen,
    async enter(epoch) {
      const frozen = frozenAt(epoch);
      if (frozen === opened.frozen) return;
      const left = await state();
      dispose();
      opened = open(left, frozen);
    },
    step({ pictures, labels, weights, share, isLast }) {
      const count = labels.length;
      const tensors = {
        input: tf.tensor4d(pictures.input, [count, inputSize, inputSize, 3]),
        labels: tf.tensor2d([...labels], [count, 1]),
        ...(weights && { weights: tf.tensor2d([...weights], [count, 1]) }),
      };
      const batch = { ...tensors, windows: pictures.windows };
      const { loss } = backward(tf, opened.network, batch, gathered.adding(opened.sgd, { share, isLast }));
      tf.dispose(Object.values(tensors));
      if (isLast) opened.sgd.endStep();
      return loss;
    },
    learned,
    state,
    close() {
      gathered.dispose();
      dispose();
    },
  };
}
