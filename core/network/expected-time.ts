import { type Freezing, frozenConvolutions, isDepth } from "./freezing";

/** What is told of a run that has finished. */
interface TimedRun {
  state: string;
  companionOf: string | null;
  images: number;
  config: { trainable: string } & Partial<Freezing>;
  environment: { engine: string } | null;
  figures: { seconds: number; imagesPerSecond: number | null } | null;
}

/** What of a training decides how long it takes. */
interface AskedTraining extends Freezing {
  trainable: "head" | "network";
  epochs: number;
  folds: number;
  tuningFraction: number;
  engine: string;
}

export interface Expected {
  seconds: number;
  engine: string;
  /** Of the run that it is judged by. `depth`: a network frozen alike; `near`: the network whose depth comes nearest; `head`: the last unit, whose time it is. */
  by: "depth" | "near" | "head";
  /** Null for the last unit. */
  imagesPerSecond: number | null;
}

/**
 * How long a training of this kind takes, from a finished run of the same kind on the same engine: the newest of this depth, or of the nearest; null
 * without such a run. A network trains every image of the training side once an epoch, in each fold and once more on everything.
 * @param runs the newest first
 */
export function expectedTime(runs: readonly TimedRun[], asked: AskedTraining): Expected | null {
  const alike = runs.flatMap((run) => {
    const { state, config, environment, figures, companionOf } = run;
    if (state !== "done" || companionOf || config.trainable !== asked.trainable || !environment || !figures) return [];
    if (asked.engine !== "fastest" && environment.engine !== asked.engine) return [];
    const off = asked.trainable === "network" ? depthsApart(config, asked) : 0;
    return off === null ? [] : [{ images: run.images, figures, engine: environment.engine, off }];
  });
  const [nearest] = alike.sort((a, b) => a.off - b.off);
  if (!nearest) return null;
  const { images, figures, engine, off } = nearest;
  if (asked.trainable === "head") return { seconds: figures.seconds, engine, by: "head", imagesPerSecond: null };
  const { imagesPerSecond } = figures;
  if (!imagesPerSecond || !(asked.epochs > 0) || !(asked.folds > 1)) return null;
  const trained = images * asked.folds * (1 - asked.tuningFraction) * asked.epochs;
  return { seconds: trained / imagesPerSecond, engine, by: off === 0 ? "depth" : "near", imagesPerSecond };
}

/** The same of a training for each depth, one after the other; null where it is not known of one. */
export function expectedSweep(
  runs: readonly TimedRun[],
  asked: AskedTraining,
  depths: readonly number[],
): Expected | null {
  const each = depths.map((frozen) => expectedTime(runs, { ...asked, trainable: "network", frozen }));
  const [first] = each;
  if (!first) return null;
  let seconds = 0;
  for (const expected of each) {
    if (!expected) return null;
    seconds += expected.seconds;
  }
  return { ...first, seconds, by: each.every((expected) => expected?.by === "depth") ? "depth" : "near" };
}

/** Convolutions by which two depths differ; null where one is none. */
function depthsApart({ frozen, frozenUnit }: Partial<Freezing>, asked: Freezing): number | null {
  if (frozen === undefined || frozenUnit === undefined || !isDepth({ frozen, frozenUnit }) || !isDepth(asked))
    return null;
  return Math.abs(frozenConvolutions({ frozen, frozenUnit }) - frozenConvolutions(asked));
}
