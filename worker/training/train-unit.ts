import { randomUUID } from "node:crypto";
import sharp from "sharp";
import type { z } from "zod";
import { finalFold, foldsOf } from "@/core/network/folds";
import { convolutions, features as featureCount } from "@/core/network/inception";
import { sizeBlindSide } from "@/core/network/input";
import { sigmoid } from "@/core/network/unit";
import type { baselineRegimen, headRegimen } from "@/core/protocol/regimen";
import { auc } from "@/core/stats/roc/auc";
import type { Said } from "@/core/words";
import { SaidError } from "@/core/words/said";
import { readImage } from "@/server/services/imaging/read-image";
import { store } from "@/server/store";
import type { Engine } from "@/worker/engines";
import { fileCache } from "@/worker/features/cache";
import { extractFeatures } from "@/worker/features/extract-features";
import { encodeModel } from "@/worker/scoring/stored-model";
import { keepCheckpoint } from "./checkpoint";
import { type HeadState, logit, lossOf, trainHead } from "./head";
import { type Metric, phaseOf, type TrainingEvents, type TrainingItem, type TrainingResult } from "./records";
import { labelsOf } from "./sides";

type UnitRegimen = z.infer<typeof headRegimen> | z.infer<typeof baselineRegimen>;

/** A file holds a name of its own besides: two runs on the same data must not share a file that one of them removes. */
interface Progress {
  finished: { fold: number; state: HeadState }[];
  current: { fold: number; state: HeadState } | null;
}

const millisecondsBetweenWrites = 500;
const millisecondsBetweenCheckpoints = 2_000;

/**
 * Trains one sigmoid unit a fold on the other folds, on frozen features or on sizes, scores every image with the unit that never saw its
 * patient, and trains the final one on all. Nothing is chosen on the images that are scored: the fold's AUC is watched, not used.
 * @param options.engine null where no image is looked at
 * @param options.resume bytes of a checkpoint of the same run; finished folds are not trained again
 */
export async function trainUnit(options: {
  engine: Engine | null;
  regimen: UnitRegimen;
  items: readonly TrainingItem[];
  resume: Uint8Array | null;
  events: TrainingEvents;
}): Promise<TrainingResult> {
  const { engine, regimen, items, events } = options;
  const started = performance.now();
  const labels = labelsOf(items, regimen);

  // ---- features ---------------------------------------------------------------------------------------------------------
  const extracted = performance.now();
  const { features, computed } =
    regimen.trainable === "baseline"
      ? { features: items.map((item) => sizesOf(item, regimen.baseline)), computed: 0 }
      : await imageFeatures(regimen, engine, items, events);
  const extractionSeconds = (performance.now() - extracted) / 1000;
  if (regimen.trainable === "head")
    await events.log({
      key: "worker.log.features",
      values: {
        images: items.length,
        computed,
        seconds: extractionSeconds.toFixed(0),
        cached: items.length - computed,
      },
    });

  // ---- folds ------------------------------------------------------------------------------------------------------------
  const progress: Progress = options.resume
    ? JSON.parse(Buffer.from(options.resume).toString())
    : { finished: [], current: null };
  const save = (fold: number, epoch: number) =>
    keepCheckpoint(events, { fold, epoch, bytes: Buffer.from(JSON.stringify({ ...progress, file: randomUUID() })) });
  const sampleOf = (wanted: (item: TrainingItem) => boolean) => {
    const indices = items.flatMap((item, i) => (wanted(item) ? [i] : []));
    return { x: indices.map((i) => features[i] ?? new Float32Array()), y: indices.map((i) => labels[i] ?? 0) };
  };
  const folds = foldsOf(regimen.folds);
  let pending: Metric[] = [];
  let flushed = performance.now();
  let saved = performance.now();
  let reported = 0;
  const report = async (phase: Said, done: number, isDue: boolean) => {
    if (!isDue && performance.now() - reported < millisecondsBetweenWrites) return;
    reported = performance.now();
    await events.progress({ phase, done, total: folds.length });
  };
  const flush = async () => {
    if (pending.length > 0) await events.metrics(pending);
    pending = [];
    flushed = performance.now();
  };

  for (const [index, fold] of folds.entries()) {
    if (progress.finished.some((done) => done.fold === fold)) continue;
    const phase = phaseOf(fold, regimen.folds);
    const training = sampleOf((item) => item.fold !== fold);
    const validation = fold === finalFold ? null : sampleOf((item) => item.fold === fold);
    const state = await trainHead({
      sample: training,
      optimiser: regimen.optimiser,
      seed: regimen.seed + index,
      resume: progress.current?.fold === fold ? progress.current.state : undefined,
      onEpoch: async (state, loss) => {
        const watched =
          validation && new Set(validation.y).size === 2
            ? auc({ truth: validation.y, score: validation.x.map((row) => logit(state, row)), direction: "higher" }).auc
            : null;
        pending.push({
          fold,
          epoch: state.epoch,
          loss,
          validationLoss: validation && lossOf(state, validation),
          validationAuc: watched?.estimate ?? null,
          tuningLoss: null,
          tuningAuc: null,
        });
        progress.current = { fold, state };
        if (performance.now() - flushed > millisecondsBetweenWrites) await flush();
        if (performance.now() - saved > millisecondsBetweenCheckpoints) {
          await save(fold, state.epoch);
          saved = performance.now();
        }
        await report(phase, index, false);
      },
    });
    await flush();
    progress.finished.push({ fold, state: { ...state, memory: [] } });
    progress.current = null;
    await events.finished({
      fold,
      epochs: state.epoch,
      chosenEpoch: state.epoch,
      threshold: regimen.threshold,
      tuningLoss: null,
      tuningAuc: null,
      trainingImages: training.x.length,
      tuningImages: 0,
      modelSha256: regimen.trainable === "head" ? (await store.put(modelOf(regimen, state))).sha256 : null,
    });
    await save(fold, state.epoch);
    saved = performance.now();
    const ended = { epochs: state.epoch, converged: state.converged ? "yes" : "no" };
    await events.log(
      fold === finalFold
        ? { key: "worker.log.unit_final", values: ended }
        : { key: "worker.log.unit_fold", values: { fold: fold + 1, ...ended } },
    );
    await report(phase, index + 1, true);
  }

  // ---- out-of-fold scores -----------------------------------------------------------------------------------------------
  const models = new Map(progress.finished.map(({ fold, state }) => [fold, state]));
  const scores = items.map((item, i) => {
    const model = models.get(item.fold);
    const row = features[i];
    if (!model || !row) throw new Error(`Image ${item.id} is in fold ${item.fold}, which has no model.`);
    return { id: item.id, fold: item.fold, score: sigmoid(logit(model, row)) };
  });
  return {
    scores,
    figures: {
      seconds: (performance.now() - started) / 1000,
      imagesPerSecond: computed > 0 ? computed / extractionSeconds : null,
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
      waited: null,
      secondsLeft: null,
    },
  };
}

/** What size alone tells: short axis in mm, or width and height of the crop in pixels. @throws Error where the size was not measured */
function sizesOf(item: TrainingItem, baseline: z.infer<typeof baselineRegimen>["baseline"]): Float32Array {
  if (baseline === "crop-size") return Float32Array.of(item.width, item.height);
  if (item.shortAxisMm === null)
    throw new SaidError({ key: "worker.no_short_axis", values: { subject: item.subject, node: item.node } });
  return Float32Array.of(item.shortAxisMm);
}

async function imageFeatures(
  { inputSize, sizeBlind }: z.infer<typeof headRegimen>,
  engine: Engine | null,
  items: readonly TrainingItem[],
  events: TrainingEvents,
) {
  if (!engine) throw new Error("Features of images need an engine.");
  await events.progress({ phase: { key: "worker.phase.features" }, done: 0, total: items.length });
  let reported = 0;
  const side = sizeBlindSide(inputSize);
  return extractFeatures({
    engine,
    size: inputSize,
    images: items.map(({ sha256, width, height }) => ({
      contentKey: sizeBlind ? `${sha256} longer side ${side}` : sha256,
      length: Math.max(width, height),
      png: async () => {
        const png = await readImage(sha256);
        if (!sizeBlind) return png;
        return sharp(png).resize(side, side, { fit: "inside" }).png().toBuffer();
      },
    })),
    cache: fileCache(engine, inputSize),
    onProgress: async (done) => {
      if (done < items.length && performance.now() - reported < millisecondsBetweenWrites) return;
      reported = performance.now();
      await events.progress({ phase: { key: "worker.phase.features" }, done, total: items.length });
    },
    onLog: events.log,
  });
}

/** The unit on the features as they are: the standardisation goes into its weights. */
function modelOf({ weights, seed, inputSize, sizeBlind }: z.infer<typeof headRegimen>, state: HeadState): Buffer {
  const kernel = Float32Array.from(
    { length: featureCount },
    (_, j) => (state.weights[j] ?? 0) / (state.deviation[j] ?? 1),
  );
  const shift = kernel.reduce((sum, w, j) => sum + w * (state.mean[j] ?? 0), 0);
  return encodeModel({
    layers: [],
    unit: { kernel, bias: (state.weights[featureCount] ?? 0) - shift },
    frozen: convolutions,
    weights,
    seed,
    input: { mean: [0, 0, 0], divisor: 255, size: inputSize, sizeBlind },
  });
}
