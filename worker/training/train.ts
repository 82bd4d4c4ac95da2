import { refuseLeakage } from "@/core/splits/leakage";
import { auc } from "@/core/stats/roc/auc";
import type { Regimen } from "@/server/schemas/regimen";
import type { Engine } from "@/worker/engines";
import type { FeatureCache } from "@/worker/inception/feature-cache";
import { extractFeatures, type FeatureImage } from "@/worker/inception/features";
import { weightsName } from "@/worker/inception/weights";
import { type HeadState, logit, lossOf, sigmoid, trainHead } from "./head";

export interface TrainingItem extends FeatureImage {
  id: string;
  subject: string;
  duplicateKey: string;
  truth: 0 | 1;
  fold: number;
}

export interface Metric {
  fold: number;
  epoch: number;
  loss: number;
  validationLoss: number | null;
  validationAuc: number | null;
}

/** The final model is trained on everything; it is a fold that leaves nobody out. */
export const finalFold = -1;

/** Somebody asked the run to stop. */
export class CancelledError extends Error {}

interface Progress {
  finished: { fold: number; state: HeadState }[];
  current: { fold: number; state: HeadState } | null;
}

const encode = (progress: Progress): Buffer => Buffer.from(JSON.stringify(progress));

const millisecondsBetweenWrites = 500;
const millisecondsBetweenCheckpoints = 2_000;

/**
 * Trains the unit once a fold on the other folds, scores every image with the model that never saw its patient, and trains the
 * final model on all. Nothing is chosen on the images that are scored: the fold's AUC is watched, not used.
 * @param options.resume bytes of a checkpoint of the same run; finished folds are not trained again
 * @throws LeakageError, CancelledError, or an Error whose message says what to do
 */
export async function trainOutOfFold(options: {
  engine: Engine;
  regimen: Regimen;
  items: readonly TrainingItem[];
  cache: FeatureCache;
  resume: Uint8Array | null;
  onEnvironment: (environment: Record<string, unknown>) => Promise<void>;
  onProgress: (progress: { phase: string; done: number; total: number }) => Promise<void>;
  onMetrics: (metrics: Metric[]) => Promise<void>;
  onCheckpoint: (checkpoint: { fold: number; epoch: number; bytes: Buffer }) => Promise<void>;
  onLog: (line: string) => Promise<void>;
  isCancelled: () => Promise<boolean>;
}) {
  const { engine, regimen, items } = options;
  const started = performance.now();
  refuseLeakage(items);

  let wrote = 0;
  const report = async (phase: string, done: number, total: number, force = false) => {
    if (!force && performance.now() - wrote < millisecondsBetweenWrites) return;
    wrote = performance.now();
    if (await options.isCancelled()) throw new CancelledError("cancelled");
    await options.onProgress({ phase, done, total });
  };

  // ---- features ---------------------------------------------------------------------------------------------------------
  const { name, version, device, threads, slowerThan } = engine;
  await options.onEnvironment({
    engine: name,
    version,
    device,
    threads,
    slowerThan,
    weights: weightsName,
    node: process.versions.node,
  });
  await report("features", 0, items.length, true);
  const extractionStarted = performance.now();
  const { features, computed } = await extractFeatures({
    engine,
    images: items,
    cache: options.cache,
    onProgress: (done) => report("features", done, items.length, done === items.length),
    onLog: options.onLog,
  });
  const extractionSeconds = (performance.now() - extractionStarted) / 1000;
  await options.onLog(
    `Features of ${items.length} images: ${computed} computed in ${extractionSeconds.toFixed(0)} s, ${items.length - computed} from the cache.`,
  );

  // ---- folds ------------------------------------------------------------------------------------------------------------
  const progress: Progress = options.resume
    ? JSON.parse(Buffer.from(options.resume).toString())
    : { finished: [], current: null };
  const sampleOf = (wanted: (item: TrainingItem) => boolean) => {
    const indices = items.flatMap((item, i) => (wanted(item) ? [i] : []));
    return { x: indices.map((i) => features[i] ?? new Float32Array()), y: indices.map((i) => items[i]?.truth ?? 0) };
  };
  const folds = [...Array(regimen.folds).keys(), finalFold];
  let pending: Metric[] = [];
  let flushed = performance.now();
  let saved = performance.now();

  for (const [index, fold] of folds.entries()) {
    if (progress.finished.some((done) => done.fold === fold)) continue;
    const training = sampleOf((item) => item.fold !== fold);
    const validation = fold === finalFold ? null : sampleOf((item) => item.fold === fold);
    const flush = async () => {
      if (pending.length > 0) await options.onMetrics(pending);
      pending = [];
      flushed = performance.now();
    };
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
        });
        progress.current = { fold, state };
        if (performance.now() - flushed > millisecondsBetweenWrites) await flush();
        if (performance.now() - saved > millisecondsBetweenCheckpoints) {
          await options.onCheckpoint({ fold, epoch: state.epoch, bytes: encode(progress) });
          saved = performance.now();
        }
        await report(fold === finalFold ? "final model" : `fold ${fold + 1} of ${regimen.folds}`, index, folds.length);
      },
    });
    await flush();
    progress.finished.push({ fold, state: { ...state, memory: [] } });
    progress.current = null;
    await options.onCheckpoint({ fold, epoch: state.epoch, bytes: encode(progress) });
    saved = performance.now();
    await options.onLog(
      `${fold === finalFold ? "Final model" : `Fold ${fold + 1}`}: ${state.epoch} epochs${state.converged ? ", converged" : ""}.`,
    );
    await report(
      fold === finalFold ? "final model" : `fold ${fold + 1} of ${regimen.folds}`,
      index + 1,
      folds.length,
      true,
    );
  }

  // ---- out-of-fold scores -----------------------------------------------------------------------------------------------
  const models = new Map(progress.finished.map(({ fold, state }) => [fold, state]));
  const scores = items.map((item, i) => {
    const model = models.get(item.fold);
    const row = features[i];
    if (!model || !row) throw new Error(`Image ${item.id} is in fold ${item.fold}, which has no model.`);
    return { id: item.id, fold: item.fold, score: sigmoid(logit(model, row)) };
  });
  const figures = {
    seconds: (performance.now() - started) / 1000,
    imagesPerSecond: computed > 0 ? computed / extractionSeconds : null,
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  return { scores, models, figures };
}
