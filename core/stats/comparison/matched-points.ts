import { drawClusters } from "../clustered/bootstrap";
import { clusteredProportion } from "../clustered/clustered-proportion";
import { type Clusters, clustersOfSmallerClass, fewClusters, numberClusters } from "../clustered/clusters";
import { quantileOf } from "../quantile";
import { dot } from "../readers/sums";
import { cutoffKeepingOf } from "../roc/cutoff";
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
    const own = images.map((_, i) => i).filter((i) => truth[i] === wanted);
    return clusteredProportion({
      outcome: Uint8Array.from(own, (i) => Number(calls[i] === wanted)),
      cluster: own.map((i) => cluster[i] ?? 0),
      method: clusteredBy("patient", by("share")),
    }).proportion;
  };
  const point = { sensitivity: shareOf(1), specificity: shareOf(0) };
  const about = { reader: reader.reader, condition: reader.condition, ...point, n };
  if (lacking(truth)) return keeps.map((keep) => ({ ...about, keep, network: null }));
  const clusters = numberClusters(cluster, n);
  const groups = [Array.from({ length: clusters.count }, (_, g) => g)];
  const ranked = rankScores({ truth, score, direction: "higher" });
  const sample = sampleOf(ranked, calls, clusters);
  const drawn = { specificity: [] as Compared[], sensitivity: [] as Compared[] };
  const times = new Float64Array(clusters.count);
  for (let replicate = 0; replicate < matchedReplicates; replicate++) {
    drawClusters(times, groups, random);
    const found = compare(sample, times);
    if (found) for (const keep of keeps) drawn[keep].push(found[keep]);
  }
  const ofSample = compare(sample, times.fill(1));
  const few = fewClusters(clustersOfSmallerClass(truth, cluster)).caution;
  return keeps.map((keep): MatchedPoint => {
    const atLeast = point[keep].estimate ?? 0;
    const cutoff = cutoffKeepingOf(ranked, null, { keep, atLeast });
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

interface Sample {
  /** Of the images by falling suspicion: the cluster, all bits set for a positive, and whether the next one scores less. */
  cluster: Int32Array;
  positive: Int32Array;
  isLast: Uint8Array;
  /** By cluster. */
  positives: Float64Array;
  negatives: Float64Array;
  /** Rightly called positive, and negative, by the reader. */
  hits: Float64Array;
  rejections: Float64Array;
}

function sampleOf({ order, starts, isPositive }: Ranked, calls: Float64Array, { of, count }: Clusters): Sample {
  const [positives, negatives] = [new Float64Array(count), new Float64Array(count)];
  const [hits, rejections] = [new Float64Array(count), new Float64Array(count)];
  for (const [image, cluster] of of.entries()) {
    const all = isPositive[image] === 1 ? positives : negatives;
    all[cluster] = (all[cluster] ?? 0) + 1;
    if (calls[image] !== isPositive[image]) continue;
    const right = isPositive[image] === 1 ? hits : rejections;
    right[cluster] = (right[cluster] ?? 0) + 1;
  }
  const isLast = new Uint8Array(order.length);
  for (const start of starts) if (start > 0) isLast[start - 1] = 1;
  return {
    ...{ isLast, positives, negatives, hits, rejections },
    cluster: Int32Array.from(order, (image) => of[image] ?? 0),
    positive: Int32Array.from(order, (image) => -(isPositive[image] ?? 0)),
  };
}

interface Compared {
  network: number;
  reader: number;
}

/**
 * By what is kept: sensitivity at the reader's specificity, and the other way round. Null without a class.
 * @param times how often each cluster counts
 */
function compare(
  { isLast, cluster, positive, ...counts }: Sample,
  times: Float64Array,
): { specificity: Compared; sensitivity: Compared } | null {
  const [positives, negatives] = [dot(counts.positives, times), dot(counts.negatives, times)];
  if (positives === 0 || negatives === 0) return null;
  const [hits, rejections] = [dot(counts.hits, times), dot(counts.rejections, times)];
  // Counts are whole: no more false alarms, or misses, than the reader has.
  const [mostFalsely, fewest] = [negatives - rejections, hits];
  let [above, all] = [0, 0];
  // Where no score keeps the specificity, calling nothing positive does.
  let atSpecificity = 0;
  let atSensitivity: number | null = null;
  const whole = Int32Array.from(times);
  for (let at = 0; at < cluster.length; at++) {
    const weight = whole[cluster[at] ?? 0] ?? 0;
    above += weight & (positive[at] ?? 0);
    all += weight;
    if (isLast[at] === 0 || all === 0) continue;
    const keepsSpecificity = all - above <= mostFalsely;
    if (keepsSpecificity) atSpecificity = above;
    if (atSensitivity === null && above >= fewest) atSensitivity = negatives - (all - above);
    if (!keepsSpecificity && atSensitivity !== null) break;
  }
  return {
    specificity: { network: atSpecificity / positives, reader: hits / positives },
    sensitivity: { network: (atSensitivity ?? 0) / negatives, reader: rejections / negatives },
  };
}

function pOf(differences: readonly number[]): number {
  const least = Math.min(
    differences.filter((value) => value <= 0).length,
    differences.filter((value) => value >= 0).length,
  );
  return Math.min(1, (2 * (least + 1)) / (differences.length + 1));
}
