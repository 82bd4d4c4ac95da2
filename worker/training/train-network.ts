import { freemem } from "node:os";
import { seededRandom, seedOf, shuffled } from "@/core/random";
import { auc } from "@/core/stats/roc/auc";
import { bestCutoffs } from "@/core/stats/roc/cutoff";
import type { Said } from "@/core/words";
import { SaidError, saidOfError } from "@/core/words/said";
import type { NetworkRegimen } from "@/server/schemas/regimen";
import { getObject, putObject } from "@/server/storage";
import type { Tf } from "@/worker/engines";
import { frozenConvolutions } from "@/worker/inception/frozen";
import { convolutions, features, type LayerWeights } from "@/worker/inception/network";
import { momentumSgd } from "@/worker/inception/optimiser";
import { type CanvasWindow, decodeCanvas } from "@/worker/inception/preprocess";
import { backward, buildTrainingNetwork, trainedWeights } from "@/worker/inception/training-network";
import { networkInputOf, openScorer } from "@/worker/scoring/score";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, type FoldState, type Learned } from "./checkpoint";
import { gatherGradients } from "./gather";
import { logLoss, sigmoid } from "./head";
import { openLoader, trainingMean } from "./loader";
import {
  type Figures,
  type FinishedFold,
  finalFold,
  phaseOf,
  type Score,
  type TrainingEvents,
  type TrainingItem,
  type TrainingResult,
} from "./records";
import { classWeights, labelsOf, type Sides, sidesOf } from "./sides";
import { encodeModel } from "./stored-model";

/*
 * Fine-tuning, fold by fold: each fold's network never sees that fold, scores it, and is kept; the final one learns from all folds. Nothing is
 * chosen on the images that are scored: curves, early stopping and the operating point come from the tuning part, patients of the training side
 * on which nothing is trained. All that is random comes from seeds by fold, epoch and image, so a training that was killed goes on from its
 * checkpoint to the very weights of one that was not.
 */

const millisecondsBetweenCheckpoints = 60_000;
const millisecondsBetweenReports = 1_000;
/** Bytes of activations that one image takes in a step that keeps them all, nothing frozen (measured: 0.2 GB). */
const bytesPerImage = 0.21 * 1024 ** 3;
/** Images that are scored together. */
const scoredTogether = 8;

interface Training {
  tf: Tf;
  regimen: NetworkRegimen;
  items: readonly TrainingItem[];
  /** Ids of crops that look alike. */
  links: readonly (readonly [string, string])[];
  pretrained: readonly LayerWeights[];
  /** Bytes of a checkpoint of the same run. */
  resume: Uint8Array | null;
  events: TrainingEvents;
  /** Milliseconds between two checkpoints within a fold. */
  checkpointEvery?: number;
}

const nameOf = (fold: number): Said =>
  fold === finalFold ? { key: "worker.final_model" } : { key: "worker.fold", values: { fold: fold + 1 } };

/** @throws Error with what to do: nothing that a person can do to the data or the settings is left to a stack trace */
export async function trainNetwork(training: Training): Promise<TrainingResult> {
  const { regimen, items, links, events } = training;
  const { epochs } = regimen.optimiser;
  const labels = labelsOf(items, regimen);
  const folds = [...Array(regimen.folds).keys(), finalFold].map((fold) => ({
    fold,
    sides: sidesOf({ items, links, labels, fold, regimen }),
  }));
  const total = folds.reduce((sum, { sides }) => sum + sides.fit.length * epochs, 0);
  const checkpoint: Checkpoint = training.resume
    ? decodeCheckpoint(training.resume)
    : { finished: [], current: null, seconds: 0, images: 0 };

  const before = { ...checkpoint };
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  /** Images that are not trained on, because a fold stopped early. */
  const spared = () =>
    checkpoint.finished.reduce((sum, { fold }) => sum + (epochs - fold.epochs) * fold.trainingImages, 0);
  const figures = (waited: number | null): Figures => {
    const rate = (checkpoint.images - before.images) / elapsed();
    return {
      seconds: before.seconds + elapsed(),
      imagesPerSecond: rate > 0 ? rate : null,
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
      waited,
      secondsLeft: rate > 0 ? (total - spared() - checkpoint.images) / rate : null,
    };
  };
  let waited: number | null = null;

  for (const { fold, sides } of folds) {
    if (checkpoint.finished.some((each) => each.fold.fold === fold)) continue;
    const save = async (current: FoldState | null, epoch: number) => {
      const bytes = encodeCheckpoint({ ...checkpoint, current, seconds: before.seconds + elapsed() });
      await events.checkpoint({ fold, epoch, sha256: await putObject(bytes) });
    };
    const resumed = checkpoint.current?.fold === fold ? checkpoint.current : null;
    checkpoint.current = null;
    const finished = await trainFold(training, {
      fold,
      sides,
      labels,
      resumed,
      save,
      onImages: async (count, epoch, waiting, isDue) => {
        checkpoint.images += count;
        waited = waiting;
        if (isDue)
          await events.progress({
            phase: { key: "worker.phase.epoch", values: { phase: phaseOf(fold, regimen.folds), epoch, epochs } },
            done: checkpoint.images + spared(),
            total,
            figures: figures(waited),
          });
      },
    });
    checkpoint.finished.push(finished);
    await events.finished(finished.fold);
    await save(null, finished.fold.epochs);
  }
  return {
    scores: checkpoint.finished.flatMap(({ scores }) => scores),
    figures: { ...figures(waited), secondsLeft: null },
  };
}

/** Trains one fold's network, from its beginning or from where it was left, keeps it, and scores the fold with it. */
async function trainFold(
  { tf, regimen, items, pretrained, events, checkpointEvery = millisecondsBetweenCheckpoints }: Training,
  fold: {
    fold: number;
    sides: Sides;
    labels: readonly (0 | 1)[];
    resumed: FoldState | null;
    save: (state: FoldState, epoch: number) => Promise<void>;
    onImages: (count: number, epoch: number, waited: number, isDue: boolean) => Promise<void>;
  },
): Promise<{ fold: FinishedFold; scores: Score[] }> {
  const { optimiser, sizeBlind, microBatch, inputSize } = regimen;
  const { fit, tuning, heldOut } = fold.sides;
  const labelsAt = (places: readonly number[]) => places.map((place) => fold.labels[place] ?? 0);
  const pngOf = (place: number) => getObject(items[place]?.sha256 ?? "");

  // ---- input ------------------------------------------------------------------------------------------------------------
  const images = fit.map((place) => {
    const { id = "", subject = "", node = "", sha256 = "" } = items[place] ?? {};
    return { id, seedKey: `${subject}|${node}|${sha256}`, png: () => pngOf(place) };
  });
  const mean = await trainingMean(images, { sizeBlind });
  const divisor = regimen.scaling === "subtract-mean-divide-by-255" ? 255 : 127.5;
  const input = { mean, divisor, sizeBlind };
  const example = async (place: number): Promise<{ input: Float32Array; window: CanvasWindow }> => {
    const { picture, window } = await decodeCanvas(await pngOf(place), { sizeBlind }).catch((error: Error) => {
      const { id, subject, node } = items[place] ?? { id: "", subject: "", node: "" };
      throw new SaidError({
        key: "worker.image_unreadable",
        values: { subject, node, id, reason: saidOfError(error) },
      });
    });
    return { input: networkInputOf(picture, input), window };
  };
  const { flipHorizontal, flipVertical, rotationDegrees, noiseSigma, blurSigma } = regimen;
  const loader = await openLoader({
    images,
    input,
    augmentation: { flipHorizontal, flipVertical, rotationDegrees, noiseSigma, blurSigma },
    seed: seedOf("augmentation", regimen.seed, fold.fold),
  });
  const tuningExamples = await Promise.all(tuning.map(example));
  const weightOf = classWeights(labelsAt(fit), regimen.classWeights);

  // ---- the network as it was left, or as it begins -----------------------------------------------------------------------
  const state: FoldState = fold.resumed ?? beginning(fold.fold, regimen);
  const batches = Math.ceil(fit.length / optimiser.batchSize);
  const rate = { ...optimiser, ...(optimiser.schedule === "cosine" && { cosineOver: batches * optimiser.epochs }) };
  const frozenAt = (epoch: number) => (epoch < regimen.headFirstEpochs ? convolutions : frozenConvolutions(regimen));
  const withLearned = ({ layers }: Learned) => [...pretrained.slice(0, convolutions - layers.length), ...layers];
  const open = ({ learned, sgd, epoch }: Pick<FoldState, "learned" | "sgd" | "epoch">) => {
    const frozen = frozenAt(epoch);
    const keeps = bytesPerImage * microBatch * (1 - frozen / convolutions) < freemem() / 2;
    const weights = withLearned(learned);
    const network = buildTrainingNetwork(tf, {
      weights,
      unit: learned.unit,
      frozen,
      memory: keeps ? "keep" : "recompute",
    });
    return { network, sgd: momentumSgd(tf, rate, sgd), frozen };
  };
  let opened = open(state);
  const gathered = gatherGradients(tf);
  const close = () => {
    opened.network.dispose();
    opened.sgd.dispose();
  };
  const now = async (): Promise<FoldState> => ({
    ...state,
    learned: await trainedWeights(opened.network),
    sgd: await opened.sgd.state(),
  });
  const logitsOf = async (learned: Learned, examples: readonly { input: Float32Array; window: CanvasWindow }[]) => {
    const scorer = openScorer(tf, { layers: withLearned(learned), unit: learned.unit, input });
    const logits: number[] = [];
    for (let from = 0; from < examples.length; from += scoredTogether) {
      const part = examples.slice(from, from + scoredTogether);
      logits.push(...(await scorer.logits(part.map((each) => each.input))));
    }
    scorer.dispose();
    return logits;
  };
  const onTuning = async (learned: Learned) => {
    const [score, truth] = [await logitsOf(learned, tuningExamples), labelsAt(tuning)];
    const loss = score.reduce((sum, z, i) => sum + logLoss(z, truth[i] ?? 0), 0) / score.length;
    refuseNoNumber(loss, "tuning loss", fold.fold, state.epoch);
    const scored = { truth, score, direction: "higher" } as const;
    return { loss, auc: auc(scored).auc.estimate, cutoff: bestCutoffs(scored).youden.cutoffs.at(0)?.threshold };
  };
  let [saved, reported] = [performance.now(), 0];
  const saveWhenDue = async () => {
    if (performance.now() - saved < checkpointEvery) return;
    await fold.save(await now(), state.epoch);
    saved = performance.now();
  };

  try {
    if (!fold.resumed)
      await events.log({
        key: "worker.log.training",
        values: {
          model: nameOf(fold.fold),
          images: fit.length,
          tuning: tuning.length,
          heldOut: heldOut.length,
          frozen: opened.frozen,
          convolutions,
          mean: mean.map((value: number) => value.toFixed(2)).join(", "),
        },
      });

    // ---- epochs ---------------------------------------------------------------------------------------------------------
    while (state.epoch < optimiser.epochs && !(regimen.patience > 0 && state.sinceBest >= regimen.patience)) {
      if (frozenAt(state.epoch) !== opened.frozen) {
        const left = await now();
        close();
        opened = open(left);
      }
      const epoch = state.epoch + 1;
      const order = shuffled([...fit.keys()], seedOf("order", regimen.seed, fold.fold, state.epoch));
      for await (const micro of loader.batches({
        epoch: state.epoch,
        indices: order,
        batchSize: microBatch,
        from: state.microBatches,
      })) {
        const count = micro.indices.length;
        const first = state.microBatches * microBatch;
        const inBatch = Math.min(optimiser.batchSize, fit.length - first + (first % optimiser.batchSize));
        const isLast = (first % optimiser.batchSize) + count === inBatch;
        const labels = labelsAt(micro.indices.map((index) => fit[index] ?? 0));
        const tensors = {
          input: tf.tensor4d(micro.input, [count, inputSize, inputSize, 3]),
          labels: tf.tensor2d(labels, [count, 1]),
          ...(regimen.classWeights !== "none" && {
            weights: tf.tensor2d(
              labels.map((label) => weightOf[label]),
              [count, 1],
            ),
          }),
        };
        const batch = { ...tensors, windows: micro.windows };
        const move = gathered.adding(opened.sgd, { share: count / inBatch, isLast });
        const { loss } = backward(tf, opened.network, batch, move);
        tf.dispose(Object.values(tensors));
        if (isLast) opened.sgd.endStep();
        refuseNoNumber(loss, "loss", fold.fold, epoch);
        state.microBatches += 1;
        state.lossSum += loss * count;
        state.lossImages += count;
        const isDue = performance.now() - reported > millisecondsBetweenReports;
        if (isDue) reported = performance.now();
        await fold.onImages(count, epoch, loader.waited(), isDue);
        if (isLast) await saveWhenDue();
      }

      // ---- after an epoch -----------------------------------------------------------------------------------------------
      const loss = state.lossSum / state.lossImages;
      Object.assign(state, { epoch, microBatches: 0, lossSum: 0, lossImages: 0 });
      const learned = tuning.length > 0 ? await trainedWeights(opened.network) : null;
      const tuned = learned && (await onTuning(learned));
      await events.metrics([
        {
          fold: fold.fold,
          epoch,
          loss,
          validationLoss: null,
          validationAuc: null,
          tuningLoss: tuned?.loss ?? null,
          tuningAuc: tuned?.auc ?? null,
        },
      ]);
      // While the last unit learns alone nothing is stopped and nothing is best: the network has not been trained.
      const isHeadAlone = epoch <= regimen.headFirstEpochs;
      if (tuned && !isHeadAlone && (!state.best || tuned.loss < state.best.loss)) {
        Object.assign(state, { best: { epoch, loss: tuned.loss, auc: tuned.auc }, sinceBest: 0 });
        if (regimen.patience > 0) state.bestLearned = learned;
      } else if (!isHeadAlone) state.sinceBest += 1;
      await saveWhenDue();
    }

    // ---- the fold's model and its scores --------------------------------------------------------------------------------
    const chosen = state.bestLearned ?? (await trainedWeights(opened.network));
    const tuned = tuning.length > 0 ? await onTuning(chosen) : null;
    const scores: Score[] = [];
    for (let from = 0; from < heldOut.length; from += 64) {
      const part = heldOut.slice(from, from + 64);
      const logits = await logitsOf(chosen, await Promise.all(part.map(example)));
      for (const [i, place] of part.entries())
        scores.push({ id: items[place]?.id ?? "", fold: fold.fold, score: sigmoid(logits[i] ?? Number.NaN) });
    }
    const layers = withLearned(chosen);
    const frozen = convolutions - chosen.layers.length;
    const { weights, seed } = regimen;
    const chosenEpoch = state.bestLearned && state.best ? state.best.epoch : state.epoch;
    const youden = regimen.operatingPoint === "youden" && tuned?.cutoff !== undefined;
    await events.log({
      key: "worker.log.trained",
      values: {
        model: nameOf(fold.fold),
        epochs: state.epoch,
        chosen: chosenEpoch < state.epoch ? String(chosenEpoch) : "none",
        tuningAuc: tuned ? (tuned.auc ?? Number.NaN).toFixed(3) : "none",
      },
    });
    return {
      fold: {
        fold: fold.fold,
        epochs: state.epoch,
        chosenEpoch,
        threshold: youden ? sigmoid(tuned.cutoff ?? 0) : regimen.threshold,
        tuningLoss: tuned?.loss ?? null,
        tuningAuc: tuned?.auc ?? null,
        trainingImages: fit.length,
        tuningImages: tuning.length,
        modelSha256: await putObject(encodeModel({ layers, unit: chosen.unit, frozen, weights, seed, input })),
      },
      scores,
    };
  } finally {
    gathered.dispose();
    close();
    await loader.close();
  }
}

/** The unit as Keras starts a dense layer: Glorot uniform, the bias at zero. */
function beginning(fold: number, { seed }: NetworkRegimen): FoldState {
  const random = seededRandom(seedOf("unit", seed, fold));
  const bound = Math.sqrt(6 / (features + 1));
  const kernel = Float32Array.from({ length: features }, () => (2 * random() - 1) * bound);
  return {
    fold,
    epoch: 0,
    microBatches: 0,
    lossSum: 0,
    lossImages: 0,
    sinceBest: 0,
    best: null,
    learned: { layers: [], unit: { kernel, bias: 0 } },
    sgd: { steps: 0, velocities: new Map() },
    bestLearned: null,
  };
}

function refuseNoNumber(value: number, what: string, fold: number, epoch: number): void {
  if (Number.isFinite(value)) return;
  throw new SaidError({ key: "worker.no_number", values: { what, model: nameOf(fold), epoch } });
}
