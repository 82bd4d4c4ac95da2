import type { Said } from "../../words";
import { StatsError } from "../errors";
import { adjustP } from "../groups/adjust-p";
import type { Direction, Tail } from "../types";
import { because, by } from "../types";
import { type FigureOfMerit, figuresOfMerit } from "./figures-of-merit";
import { rounding, satterthwaite, type TestedDifference, testedDifference } from "./tested-difference";

export interface NetworkAgainstReaders {
  network: number;
  readers: number[];
  readerMean: number;
  /** Mean of the variances, and of the covariances between readers, of the differences; no covariance with one reader: 0. */
  variance: number;
  cov2: number;
  /** Reader less network, as all differences here. Speaks of readers like these; null with one reader. */
  randomReaders: (TestedDifference & { meanSquareReader: number }) | null;
  /** Speaks of these very readers: with two or three readers the main result. */
  fixedReaders: TestedDifference;
  perReader: (TestedDifference & { pHolm: number | null })[];
  n: number;
  method: Said;
  caution?: Said;
}

/**
 * One network against the average of several readers on the same cases, and against each.
 *
 * Single-modality Obuchowski-Rockette on the differences reader less network: Hillis SL. Stat Med 2007;26:596-619, section 5.3. Random
 * readers: SE = sqrt((MS(R) + J max(Cov2, 0)) / J), df = (MS(R) + J max(Cov2, 0))^2 / (MS(R)^2 / (J - 1)); fixed readers:
 * SE = sqrt((Var + (J - 1) Cov2) / J), normal; each reader: the paired test, Holm over readers. The network is fixed: its training is not
 * part of the variance. A reader's binary call (one operating point) against a network's whole curve favours the network: compare
 * sensitivity at the reader's specificity instead (`cutoffKeeping`). Identical ratings have no variance: no test.
 * @param options.tail `greater`: the reader exceeds the network
 * @example networkAgainstReaders({ truth: [0, 0, 1, 1], network: [1, 2, 3, 4], readers: [[1, 3, 2, 4], [2, 1, 1, 4]], direction: "higher", tail: "two-sided", metric: "auc", covariance: { kind: "delong" } }).fixedReaders.estimate // -0.3125
 * @throws StatsError without readers, when lengths differ, truth is not 0/1, a class is empty or has fewer than two units (clusters), or a
 * rating is not finite
 */
export function networkAgainstReaders(
  options: {
    truth: ArrayLike<number>;
    network: ArrayLike<number>;
    readers: readonly ArrayLike<number>[];
    direction: Direction;
    tail: Tail;
  } & FigureOfMerit,
): NetworkAgainstReaders {
  const { network, readers, tail, ...rest } = options;
  const J = readers.length;
  if (J === 0) throw new StatsError("empty", "There is no reader; give at least one.");
  const { values, covariance } = figuresOfMerit({ ...rest, scores: [network, ...readers] });
  if (covariance === null)
    throw new StatsError("one_class", "The covariance needs two units (clusters) of each class.");
  const at = (i: number, j: number) => covariance[i]?.[j] ?? 0;
  const ofDifferences = (j: number, k: number) => at(j + 1, k + 1) - at(j + 1, 0) - at(0, k + 1) + at(0, 0);
  const [own = 0, ...others] = values;
  const differences = others.map((value) => value - own);
  const indices = [...differences.keys()];
  const estimate = mean(differences);
  const variance = mean(indices.map((j) => ofDifferences(j, j)));
  const between = indices.flatMap((j) => indices.filter((k) => k !== j).map((k) => ofDifferences(j, k)));
  const cov2 = between.length === 0 ? 0 : mean(between);
  const least = rounding * mean(covariance.map((row, i) => row[i] ?? 0));
  const byNormal = (difference: number, own: number) =>
    testedDifference({ estimate: difference, variance: own, df: null, tail, least });
  const perReader = differences.map((difference, j) => byNormal(difference, ofDifferences(j, j)));
  const holm = adjustP(
    perReader.map(({ p }) => p),
    "holm",
  );
  return {
    network: own,
    readers: others,
    readerMean: mean(others),
    variance,
    cov2,
    randomReaders: J < 2 ? null : randomReaders(differences, estimate, cov2, tail, least),
    fixedReaders: byNormal(estimate, (variance + (J - 1) * cov2) / J),
    perReader: perReader.map((each, j) => ({ ...each, pHolm: holm[j] ?? null })),
    n: options.truth.length,
    method: by("network_against_readers"),
    ...(J < 4 ? { caution: because("few_readers_fixed", { readers: J }) } : {}),
  };
}

function randomReaders(differences: readonly number[], estimate: number, cov2: number, tail: Tail, least: number) {
  const J = differences.length;
  const meanSquareReader = differences.reduce((sum, value) => sum + (value - estimate) ** 2, 0) / (J - 1);
  const total = meanSquareReader + J * Math.max(cov2, 0);
  const df = satterthwaite(total, meanSquareReader, J - 1, least);
  return { ...testedDifference({ estimate, variance: total / J, df, tail, least }), meanSquareReader };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
