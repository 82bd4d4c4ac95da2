import { foldsOf } from "@/core/network/folds";
import { convolutions, features } from "@/core/network/inception";
import { sigmoid } from "@/core/network/unit";
import type { NetworkRegimen } from "@/core/protocol/regimen";
import { seededRandom, seedOf, shuffled } from "@/core/random";
import { SaidError } from "@/core/words/said";
import { isLost, store } from "@/server/store";
import type { Tf } from "@/worker/engines";
import type { LayerWeights } from "@/worker/inception/network";
import { encodeModel, openModel, type StoredModel } from "@/worker/scoring/stored-model";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type FoldState,
  keepCheckpoint,
  type Learned,
} from "./checkpoint";
import { type Figure, figureOf, logitsOf } from "./evaluate";
import { openLearner, withLearned } from "./learner";
import { openPictures, plainPictures } from "./pictures";
import {
  type Figures,
  type FinishedFold,
  nameOfFold,
  phaseOf,
  type Score,
  type TrainingEvents,
  type TrainingItem,
  type TrainingResult,
} from "./records";
import { classWeights, labelsOf, type Sides, sidesOf } from "./sides";

/*
 * Fine-tuning, fold by fold: each fold's network never sees that fold, scores it, and is kept; the final one learns from all folds. Nothing is
 * chosen on the images that are scored: curves, early stopping and the operating point come from the tuning part, patients of the training side
 * on which nothing is trained. All that is random comes from seeds by fold, epoch and image, so a training that was killed goes on from its
 * checkpoint to the very weights of one that was not. A fold whose model is kept is scored with it again where no checkpoint has its scores.
 */

const millisecondsBetweenCheckpoints = 60_000;
const millisecondsBetweenReports = 1_000;
/** Images of the fold left out that are in memory together. */
const readTogether = 64;

interface Training {
  tf: Tf;
  regimen: NetworkRegimen;
  items: readonly TrainingItem[];
  /** Ids of crops that look alike. */
  links: readonly (readonly [string, string])[];
  pretrained: readonly LayerWeights[];
  /** Bytes of a checkpoint of the same run. */
  resume: Uint8Array | null;
  /** Folds that earlier attempts of the run finished. */
  kept?: readonly FinishedFold[];
  events: TrainingEvents;
  /** Milliseconds between two checkpoints within a fold. */
  checkpointEvery?: number;
}

/** What is trained now, and whom to tell. */
interface FoldToTrain {
  fold: number;
  sides: Sides;
  labels: readonly (0 | 1)[];
  /** As it was left; null when it begins. */
  resumed: FoldState | null;
  save(state: FoldState, epoch: number): Promise<void>;
  onImages(count: number, epoch: number, waited: number, isDue: boolean): Promise<void>;
}

/** @throws Error with what to do: nothing that a person can do to the data or the settings is left to a stack trace */
export async function trainNetwork(training: Training): Promise<TrainingResult> {
  const { regimen, items, links, events } = training;
  const { epochs } = regimen.optimiser;
  const labels = labelsOf(items, regimen);
  const folds = foldsOf(regimen.folds).map((fold) => ({
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
    const save = (current: FoldState | null, epoch: number) =>
      keepCheckpoint(events, {
        fold,
        epoch,
        bytes: encodeCheckpoint({ ...checkpoint, current, seconds: before.seconds + elapsed() }),
      });
    const resumed = checkpoint.current?.fold === fold ? checkpoint.current : null;
    checkpoint.current = null;
    const kept = resumed ? undefined : training.kept?.find((each) => each.fold === fold);
    const again = kept && (await scoredAgain(training, kept, sides.heldOut));
    if (again) {
      const images = again.fold.epochs * again.fold.trainingImages;
      checkpoint.images += images;
      before.images += images;
      checkpoint.finished.push(again);
      await save(null, again.fold.epochs);
      continue;
    }
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

/**
 * A finished fold from its kept model. Null where the model is lost: its file makes room for the same one, trained again.
 */
async function scoredAgain(
  { tf, items, events }: Training,
  fold: FinishedFold,
  heldOut: readonly number[],
): Promise<{ fold: FinishedFold; scores: Score[] } | null> {
  const { modelSha256 } = fold;
  if (!modelSha256) return null;
  const model = nameOfFold(fold.fold);
  const kept = await openModel(modelSha256).catch(async (error: unknown) => {
    if (!isLost(error)) throw error;
    await events.log({ key: "worker.log.model_lost", values: { model, reason: error.said } });
    await store.delete(modelSha256);
    return null;
  });
  if (!kept) return null;
  await events.log({ key: "worker.log.kept", values: { model } });
  const plain = plainPictures(items, kept.input);
  return { fold, scores: await scoresOf(tf, kept, { items, fold: fold.fold, heldOut, plain }) };
}

/** What a model says of the fold that it never saw. */
async function scoresOf(
  tf: Tf,
  model: Pick<StoredModel, "layers" | "unit" | "input">,
  of: {
    items: readonly TrainingItem[];
    fold: number;
    heldOut: readonly number[];
    plain(place: number): Promise<Float32Array>;
  },
): Promise<Score[]> {
  const { items, fold, heldOut, plain } = of;
  const scores: Score[] = [];
  for (let from = 0; from < heldOut.length; from += readTogether) {
    const part = heldOut.slice(from, from + readTogether);
    const logits = await logitsOf(tf, model, await Promise.all(part.map(plain)));
    for (const [i, place] of part.entries())
      scores.push({ id: items[place]?.id ?? "", fold, score: sigmoid(logits[i] ?? Number.NaN) });
  }
  return scores;
}

/** Trains one fold's network, from its beginning or from where it was left, keeps it, and scores the fold with it. */
async function trainFold(
  { tf, regimen, items, pretrained, events, checkpointEvery = millisecondsBetweenCheckpoints }: Training,
  { fold, sides, labels, resumed, save, onImages }: FoldToTrain,
): Promise<{ fold: FinishedFold; scores: Score[] }> {
  const { optimiser, microBatch, headFirstEpochs, patience } = regimen;
  const { fit, tuning, heldOut } = sides;
  const labelsAt = (places: readonly number[]) => places.map((place) => labels[place] ?? 0);
  const weightOf = regimen.classWeights === "none" ? null : classWeights(labelsAt(fit), regimen.classWeights);
  const state: FoldState = resumed ?? beginning(fold, regimen);
  const pictures = await openPictures({ regimen, items, fit, fold });
  const { input, loader } = pictures;
  const batches = Math.ceil(fit.length / optimiser.batchSize);
  const learner = openLearner(tf, { regimen, pretrained, batches, from: state });
  try {
    const tuningPictures = await Promise.all(tuning.map(pictures.plain));
    const modelOf = (learned: Learned) => ({ layers: withLearned(pretrained, learned), unit: learned.unit, input });
    const onTuning = async (learned: Learned): Promise<Figure> => {
      const figure = figureOf(await logitsOf(tf, modelOf(learned), tuningPictures), labelsAt(tuning));
      refuseNoNumber(figure.loss, "tuning loss", fold, state.epoch);
      return figure;
    };
    let [saved, reported] = [performance.now(), 0];
    const saveWhenDue = async () => {
      if (performance.now() - saved < checkpointEvery) return;
      await save({ ...state, ...(await learner.state()) }, state.epoch);
      saved = performance.now();
    };
    if (!resumed)
      await events.log({
        key: "worker.log.training",
        values: {
          model: nameOfFold(fold),
          images: fit.length,
          tuning: tuning.length,
          heldOut: heldOut.length,
          frozen: learner.frozen(),
          convolutions,
          mean: input.mean.map((value) => value.toFixed(2)).join(", "),
        },
      });

    // ---- epochs ---------------------------------------------------------------------------------------------------------
    while (state.epoch < optimiser.epochs && !(patience > 0 && state.sinceBest >= patience)) {
      await learner.enter(state.epoch);
      const epoch = state.epoch + 1;
      const order = shuffled([...fit.keys()], seedOf("order", regimen.seed, fold, state.epoch));
      const wanted = { epoch: state.epoch, indices: order, batchSize: microBatch, from: state.microBatches };
      for await (const micro of loader.batches(wanted)) {
        const count = micro.indices.length;
        const first = state.microBatches * microBatch;
        const inBatch = Math.min(optimiser.batchSize, fit.length - first + (first % optimiser.batchSize));
        const isLast = (first % optimiser.batchSize) + count === inBatch;
        const labels = labelsAt(micro.indices.map((index) => fit[index] ?? 0));
        const weights = weightOf && labels.map((label) => weightOf[label]);
        const loss = learner.step({ pictures: micro, labels, weights, share: count / inBatch, isLast });
        refuseNoNumber(loss, "loss", fold, epoch);
        state.microBatches += 1;
        state.lossSum += loss * count;
        state.lossImages += count;
        const isDue = performance.now() - reported > millisecondsBetweenReports;
        if (isDue) reported = performance.now();
        await onImages(count, epoch, loader.waited(), isDue);
        if (isLast) await saveWhenDue();
      }

      const loss = state.lossSum / state.lossImages;
      Object.assign(state, { epoch, microBatches: 0, lossSum: 0, lossImages: 0 });
      const learned = tuning.length > 0 ? await learner.learned() : null;
      const tuned = learned && (await onTuning(learned));
      const [tuningLoss, tuningAuc] = [tuned?.loss ?? null, tuned?.auc ?? null];
      await events.metrics([{ fold, epoch, loss, validationLoss: null, validationAuc: null, tuningLoss, tuningAuc }]);
      // While the last unit learns alone nothing is stopped and nothing is best: the network has not been trained.
      const isHeadAlone = epoch <= headFirstEpochs;
      if (tuned && !isHeadAlone && (!state.best || tuned.loss < state.best.loss)) {
        Object.assign(state, { best: { epoch, loss: tuned.loss, auc: tuned.auc }, sinceBest: 0 });
        if (patience > 0) state.bestLearned = learned;
      } else if (!isHeadAlone) state.sinceBest += 1;
      await saveWhenDue();
    }

    // ---- the fold's model and its scores --------------------------------------------------------------------------------
    const chosen = state.bestLearned ?? (await learner.learned());
    const model = modelOf(chosen);
    const tuned = tuning.length > 0 ? await onTuning(chosen) : null;
    const scores = await scoresOf(tf, model, { items, fold, heldOut, plain: pictures.plain });
    const frozen = convolutions - chosen.layers.length;
    const { weights, seed } = regimen;
    const chosenEpoch = state.bestLearned && state.best ? state.best.epoch : state.epoch;
    const youden = regimen.operatingPoint === "youden" && tuned?.cutoff !== undefined;
    await events.log({
      key: "worker.log.trained",
      values: {
        model: nameOfFold(fold),
        epochs: state.epoch,
        chosen: chosenEpoch < state.epoch ? String(chosenEpoch) : "none",
        tuningAuc: tuned ? (tuned.auc ?? Number.NaN).toFixed(3) : "none",
      },
    });
    return {
      fold: {
        fold,
        epochs: state.epoch,
        chosenEpoch,
        threshold: youden ? sigmoid(tuned.cutoff ?? 0) : regimen.threshold,
        tuningLoss: tuned?.loss ?? null,
        tuningAuc: tuned?.auc ?? null,
        trainingImages: fit.length,
        tuningImages: tuning.length,
        modelSha256: (await store.put(encodeModel({ ...model, frozen, weights, seed }))).sha256,
      },
      scores,
    };
  } finally {
    learner.close();
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
  throw new SaidError({ key: "worker.no_number", values: { what, model: nameOfFold(fold), epoch } });
}
