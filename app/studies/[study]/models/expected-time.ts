import type { Run, TrainInput } from "@/server/schemas/model";

export interface Expected {
  seconds: number;
  engine: string;
  /** Null for the last unit: its time is that of the run it is taken from. */
  imagesPerSecond: number | null;
}

/**
 * How long a training of this kind takes, from the newest finished run of the same kind on the same engine; null without such a run.
 * A network trains every image of the training side once an epoch, in each fold and once more on everything.
 */
export function expectedTime(
  runs: readonly Run[],
  asked: Pick<
    Required<TrainInput>,
    "trainable" | "frozen" | "frozenUnit" | "epochs" | "folds" | "tuningFraction" | "engine"
  >,
): Expected | null {
  const alike = runs.find(({ state, config, environment, companionOf }) => {
    if (state !== "done" || companionOf || config.trainable !== asked.trainable || !environment) return false;
    if (asked.engine !== "fastest" && environment.engine !== asked.engine) return false;
    return config.trainable !== "network" || (config.frozen === asked.frozen && config.frozenUnit === asked.frozenUnit);
  });
  if (!alike?.figures || !alike.environment) return null;
  const { engine } = alike.environment;
  if (asked.trainable === "head") return { seconds: alike.figures.seconds, engine, imagesPerSecond: null };
  const { imagesPerSecond } = alike.figures;
  if (!imagesPerSecond || !(asked.epochs > 0) || !(asked.folds > 1)) return null;
  const images = alike.images * asked.folds * (1 - asked.tuningFraction) * asked.epochs;
  return { seconds: images / imagesPerSecond, engine, imagesPerSecond };
}
