import { drawClusters } from "../clustered/bootstrap";
import { clusteredProportion } from "../clustered/clustered-proportion";
import { clustersOfSmallerClass, fewClusters, numberClusters } from "../clustered/clusters";
import { quantileOf } from "../quantile";
import { cutoffKeeping } from "../roc/cutoff";
import { type Ranked, rankScores } from "../roc/ranked-scores";
import { because, by, type Estimate, notEstimable, together, withoutInterval } from "../types";
import {
  clusteredBy,
  imagesIn,
  type Known,
  lacking,
  listed,
  type Opinions,
  type ReaderOpinions,
  valuesOf,
} from "./opinions";

/** The network set to keep a reader's specificity (or sensitivity) on the images of that reader: what of the other is left. */
export interface MatchedPoint {
  reader: string;
  condition: string;
  keep: "sensitivity" | "specificity";
  /** The reader's. */
  sensitivity: Estimate;
  specificity: Estimate;
  /** The network's from this score on; null when no score keeps it. */
  network: {
    threshold: number;
    /** What the cut-off keeps: at least the reader's. */
    kept: number;
    /** The other one. */
    compared: Estimate;
    /** Network less reader, of the other one. */
    difference: Estimate;
    /** Two-sided, of the replicates of `difference`. */
    p: number | null;
  } | null;
  n: number;
}

/** Replicates of the bootstrap behind intervals and P. */
export const matchedReplicates = 1000;

/** Two sums of the same fractions differ by less than this. */
const rounding = 1e-12;

/**
 * The network at the operating point of each reader: it keeps at least the reader's specificity (or sensitivity), the other one is compared.
 *
 * Bootstrap of patients: in every replicate the reader's point is counted anew and the cut-off that keeps it is chosen anew, so that intervals and
 * P count the choice; percentile interval, P twice the smaller share of replicates on one side of 0 (ties on both; Efron B, Tibshirani RJ. An
 * Introduction to the Bootstrap, 1993, ch. 15), never below 2 / (replicates + 1). Replicates without one of the classes are left out, with a
 * caution; where no score keeps a specificity, calling nothing positive does.
 * @param random numbers in [0, 1), seeded by the caller
 */
export function matchedPoints(
  scored: Opinions,
  readers: readonly ReaderOpinions[],
  known: Known,
  random: () => number,
): MatchedPoint[] {
  return readers.flatMap((reader) => pointsOf(scored, reader, known, random));
}

const keeps = ["specificity", "sensitivity"] as const;

function pointsOf(scored: Opinions, reader: ReaderOpinions, known: Known, random: () => number): MatchedPoint[] {
  const images = imagesIn(known, scored.ratings, reader.calls);
  const { truth, cluster } = listed(images, known);
  const score = valuesOf(scored.ratings, images);
  const calls = valuesOf(reader.calls, images);
  const n = images.length;
  const shareOf = (wanted: 0 | 1): Estimate => {
    const own = images.flatMap((_, i) => (truth[i] === wanted ? [i] : []));
    return clusteredProportion({
      outcome: own.map((i) => Number(calls[i] === wanted)),
      cluster: own.map((i) => cluster[i] ?? ""),
      method: clusteredBy("patient", by("share")),
    }).proportion;
  };
  const point = { sensitivity: shareOf(1), specificity: shareOf(0) };
  const about = { reader: reader.reader, condition: reader.condition, ...point, n };
  if (lacking(truth)) return keeps.map((keep) => ({ ...about, keep, network: null }));
  const clusters = numberClusters(cluster, n);
  const groups = [Array.from({ length: clusters.count }, (_, g) => g)];
  const sample: Sample = { ...rankScores({ truth, score, direction: "higher" }), calls: Uint8Array.from(calls) };
  const drawn = { specificity: [] as Compared[], sensitivity: [] as Compared[] };
  const [times, weights] = [new Float64Array(clusters.count), new Float64Array(n)];
  for (let replicate = 0; replicate < matchedReplicates; replicate++) {
    drawClusters(times, groups, random);
    for (let i = 0; i < n; i++) weights[i] = times[clusters.of[i] ?? 0] ?? 0;
    const found = compare(sample, weights);
    if (found) for (const keep of keeps) drawn[keep].push(found[keep]);
  }
  const ofSample = compare(sample, weights.fill(1));
  const few = fewClusters(clustersOfSmallerClass(truth, cluster)).caution;
  return keeps.map((keep): MatchedPoint => {
    const atLeast = point[keep].estimate ?? 0;
    const cutoff = cutoffKeeping({ truth, score, direction: "higher", keep, atLeast });
    const whole = ofSample?.[keep];
    if (!cutoff || !whole) return { ...about, keep, network: null };
    const other = keep === "specificity" ? "sensitivity" : "specificity";
    const left = matchedReplicates - drawn[keep].length;
    const caution = together([
      few,
      left > 0 ? because("replicates_left_out", { undefinedReplicates: left, wanted: matchedReplicates }) : undefined,
    ]);
    const estimated = (of: (compared: Compared) => number): Estimate => {
      const method = by("at_readers_point", { other, keep, replicates: matchedReplicates });
      const values = Float64Array.from(drawn[keep], of).sort();
      if (values.length < 2) return notEstimable({ reason: because("replicates_not_estimable"), method, n });
      const [lower, upper] = [quantileOf(values, 0.025), quantileOf(values, 0.975)];
      const estimate = of(whole);
      if (upper - lower < rounding)
        return withoutInterval({ estimate, method, n, caution: because("replicates_same") });
      return { estimate, lower, upper, method, n, ...(caution ? { caution } : {}) };
    };
    const difference = estimated(({ network, reader }) => network - reader);
    return {
      ...about,
      keep,
      network: {
        threshold: cutoff.threshold,
        kept: cutoff[keep],
        compared: estimated(({ network }) => network),
        difference,
        p: difference.lower === null ? null : pOf(drawn[keep].map(({ network, reader }) => network - reader)),
      },
    };
  });
}

type Sample = Ranked & { calls: Uint8Array };

interface Compared {
  network: number;
  reader: number;
}

/** By what is kept: sensitivity at the reader's specificity, and the other way round. Null without a class. */
function compare(
  { order, starts, isPositive, calls }: Sample,
  weights: Float64Array,
): { specificity: Compared; sensitivity: Compared } | null {
  let [positives, negatives, hits, rejections] = [0, 0, 0, 0];
  for (let i = 0; i < order.length; i++) {
    const weight = weights[i] ?? 0;
    if (isPositive[i] === 1) {
      positives += weight;
      if (calls[i] === 1) hits += weight;
    } else {
      negatives += weight;
      if (calls[i] === 0) rejections += weight;
    }
  }
  if (positives === 0 || negatives === 0) return null;
  const [sensitivity, specificity] = [hits / positives, rejections / negatives];
  let [above, falselyAbove] = [0, 0];
  let atSpecificity: number | null = null;
  let atSensitivity: number | null = null;
  for (let level = 0; level + 1 < starts.length; level++) {
    for (let at = starts[level] ?? 0; at < (starts[level + 1] ?? 0); at++) {
      const image = order[at] ?? 0;
      if (isPositive[image] === 1) above += weights[image] ?? 0;
      else falselyAbove += weights[image] ?? 0;
    }
    if (above + falselyAbove === 0) continue;
    const rejected = (negatives - falselyAbove) / negatives;
    const keepsSpecificity = rejected >= specificity - rounding;
    if (keepsSpecificity) atSpecificity = above / positives;
    if (atSensitivity === null && above / positives >= sensitivity - rounding) atSensitivity = rejected;
    if (!keepsSpecificity && atSensitivity !== null) break;
  }
  return {
    // Where no score keeps it, calling nothing positive does.
    specificity: { network: atSpecificity ?? 0, reader: sensitivity },
    sensitivity: { network: atSensitivity ?? 0, reader: specificity },
  };
}

function pOf(differences: readonly number[]): number {
  const least = Math.min(
    differences.filter((value) => value <= 0).length,
    differences.filter((value) => value >= 0).length,
  );
  return Math.min(1, (2 * (least + 1)) / (differences.length + 1));
}
