import type { Regimen } from "@/core/protocol/regimen";

/** The options of `train` that ask for this regimen; null where it is not asked for so. */
export function commandFor(config: Regimen, study: string): string | null {
  if (config.trainable === "baseline" || config.trainable === "elsewhere") return null;
  const asked: Record<string, string | number | boolean> = {
    trainable: config.trainable,
    folds: config.folds,
    seed: config.seed,
    "split-unit": config.splitUnit,
    weights: config.weights,
    engine: config.engine,
    "size-blind": config.sizeBlind,
    epochs: config.optimiser.epochs,
  };
  if (config.trainable === "network")
    Object.assign(asked, {
      frozen: config.frozen,
      "frozen-unit": config.frozenUnit,
      "head-first-epochs": config.headFirstEpochs,
      "learning-rate": config.optimiser.learningRate,
      schedule: config.optimiser.schedule,
      "batch-size": config.optimiser.batchSize,
      "micro-batch": config.microBatch,
      "flip-horizontal": config.flipHorizontal,
      "flip-vertical": config.flipVertical,
      "rotation-degrees": config.rotationDegrees,
      "noise-sigma": config.noiseSigma,
      "blur-sigma": config.blurSigma,
      "class-weights": config.classWeights,
      "tuning-fraction": config.tuningFraction,
      patience: config.patience,
      "operating-point": config.operatingPoint,
    });
  const options = Object.entries(asked).map(([name, value]) => `--${name} ${value}`);
  return [`npm run nodewise -- train --study ${study}`, ...options].join(" ");
}
