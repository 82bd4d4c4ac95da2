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
import type { Units } from "./units";

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
 * caution; where no score keeps a specificity, calling nothing positive does. Readers of the same images are held against the same replicates.
 * @param random numbers in [0, 1), seeded by the caller
 */
export function matchedPoints(
  scored: Opinions,
  readers: readonly ReaderOpinions[],
  units: Units,
  random: () => number,
): MatchedPoint[] {
  const { known } = units;
  const groups: Group[] = [];
  for (const reader of readers) {
    // Scores and calls of units are out of the images that have both.
    const [own = scored, { calls } = reader] = units.outOfSameImages<Opinions>([scored, reader], "sensitivity");
    const images = imagesIn(known, own.ratings, calls);
    const scores = valuesOf(own.ratings, images);
    const party = { reader, calls: valuesOf(calls, images) };
    const same = groups.find((group) => isSame(group.images, images) && isSame(group.scores, scores));
    if (same) same.parties.push(party);
    else groups.push({ images, scores, parties: [party] });
  }
  const found = new Map(groups.flatMap((group) => pointsOf(group, known, random)));
  return readers.flatMap((reader) => found.get(reader) ?? []);
}

/** Readers of the same images, which the network scored alike. */
interface Group {
  images: Int32Array;
  scores: Float64Array;
  parties: { reader: ReaderOpinions; calls: Float64Array }[];
}

const isSame = (one: ArrayLike<number>, other: ArrayLike<number>) => {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
};

const keeps = ["specificity", "sensitivity"] as const;

function pointsOf(
  { images, scores, parties: readers }: Group,
  known: Known,
  random: () => number,
): [ReaderOpinions, MatchedPoint[]][] {
  const { truth, cluster } = listed(images, known);
  const about = readers.map(({ reader, calls }) => {
    const shareOf = (wanted: 0 | 1): Estimate => {
      const own = images.map((_, i) => i).filter((i) => truth[i] === wanted);
      return clusteredProportion({
        outcome: Uint8Array.from(own, (i) => Number(calls[i] === wanted)),
        cluster: own.map((i) => cluster[i] ?? 0),
        method: clusteredBy("patient", by("share")),
      }).proportion;
    };
    const point = { sensitivity: shareOf(1), specificity: shareOf(0) };
    return { reader, calls, point };
  });
  const named = ({ reader, point }: (typeof about)[number]) => ({
    ...{ reader: reader.reader, condition: reader.condition, ...point },
    n: images.length,
  });
  if (lacking(truth))
    return about.map((each) => [each.reader, keeps.map((keep) => ({ ...named(each), keep, network: null }))]);
  const clusters = numberClusters(cluster, images.length);
  const groups = [Array.from({ length: clusters.count }, (_, g) => g)];
  const ranked = rankScores({ truth, score: scores, direction: "higher" });
  const walk = walkOf(ranked, clusters);
  const parties = about.map((each) => ({
    ...each,
    right: rightOf(each.calls, ranked, clusters),
    drawn: { specificity: [] as Compared[], sensitivity: [] as Compared[] },
  }));
  const times = new Float64Array(clusters.count);
  for (let replicate = 0; replicate < matchedReplicates; replicate++) {
    drawClusters(times, groups, random);
    const curve = walk(times);
    if (!curve) continue;
    for (const { right, drawn } of parties) {
      const found = compare(curve, right, times);
      for (const keep of keeps) drawn[keep].push(found[keep]);
    }
  }
  const ofSample = walk(times.fill(1));
  const few = fewClusters(clustersOfSmallerClass(truth, cluster)).caution;
  return parties.map((each) => [
    each.reader,
    keeps.map((keep): MatchedPoint => {
      const { point, right } = each;
      const drawn = each.drawn[keep];
      const { n } = named(each);
      const cutoff = cutoffKeepingOf(ranked, null, { keep, atLeast: point[keep].estimate ?? 0 });
      if (!cutoff || !ofSample) return { ...named(each), keep, network: null };
      const whole = compare(ofSample, right, times)[keep];
      const other = keep === "specificity" ? "sensitivity" : "specificity";
      const left = matchedReplicates - drawn.length;
      const caution = together([
        few,
        left > 0 ? because("replicates_left_out", { undefinedReplicates: left, wanted: matchedReplicates }) : undefined,
      ]);
      const estimated = (of: (compared: Compared) => number): Estimate => {
        const method = by("at_readers_point", { other, keep, replicates: matchedReplicates });
        const values = Float64Array.from(drawn, of).sort();
        if (values.length < 2) return notEstimable({ reason: because("replicates_not_estimable"), method, n });
        const [lower, upper] = [quantileOf(values, 0.025), quantileOf(values, 0.975)];
        const estimate = of(whole);
        if (upper - lower < rounding)
          return withoutInterval({ estimate, method, n, caution: because("replicates_same") });
        return { estimate, lower, upper, method, n, ...(caution ? { caution } : {}) };
      };
      const difference = estimated(({ network, reader }) => network - reader);
      return {
        ...named(each),
        keep,
        network: {
          threshold: cutoff.threshold,
          kept: cutoff[keep],
          compared: estimated(({ network }) => network),
          difference,
          p: difference.lower === null ? null : pOf(drawn.map(({ network, reader }) => network - reader)),
        },
      };
    }),
  ]);
}

/** The network at each of its cut-offs, images counted as often as their cluster was drawn. */
interface Curve {
  positives: number;
  negatives: number;
  /** By falling cut-off: images of each class that score at least so. */
  hits: Int32Array;
  falseAlarms: Int32Array;
  /** The first cut-off that an image reaches. */
  first: number;
}

/** Walks through the images by falling score, each as often as its cluster counts; null without a class. Every walk writes over the last one. */
function walkOf({ order, starts, isPositive }: Ranked, { of }: Clusters): (times: Float64Array) => Curve | null {
  const cluster = Int32Array.from(order, (image) => of[image] ?? 0);
  /** All bits set for a positive. */
  const positive = Int32Array.from(order, (image) => -(isPositive[image] ?? 0));
  const levels = starts.length - 1;
  const [hits, falseAlarms] = [new Int32Array(levels), new Int32Array(levels)];
  return (times) => {
    const whole = Int32Array.from(times);
    let [above, all, first] = [0, 0, 0];
    for (let level = 0, at = 0; level < levels; level++) {
      for (const end = starts[level + 1] ?? 0; at < end; at++) {
        const weight = whole[cluster[at] ?? 0] ?? 0;
        above += weight & (positive[at] ?? 0);
        all += weight;
      }
      hits[level] = above;
      falseAlarms[level] = all - above;
      if (all === 0) first = level + 1;
    }
    const [positives, negatives] = [above, all - above];
    return positives === 0 || negatives === 0 ? null : { positives, negatives, hits, falseAlarms, first };
  };
}

/** By cluster: images rightly called positive, and negative, by a reader. */
interface Right {
  hits: Float64Array;
  rejections: Float64Array;
}

function rightOf(calls: Float64Array, { isPositive }: Ranked, { of, count }: Clusters): Right {
  const [hits, rejections] = [new Float64Array(count), new Float64Array(count)];
  for (const [image, cluster] of of.entries()) {
    if (calls[image] !== isPositive[image]) continue;
    const right = isPositive[image] === 1 ? hits : rejections;
    right[cluster] = (right[cluster] ?? 0) + 1;
  }
  return { hits, rejections };
}

interface Compared {
  network: number;
  reader: number;
}

/**
 * By what is kept: sensitivity at the reader's specificity, and the other way round.
 * @param times how often each cluster counts
 */
function compare(
  { positives, negatives, first, ...curve }: Curve,
  right: Right,
  times: Float64Array,
): { specificity: Compared; sensitivity: Compared } {
  const [hits, rejections] = [dot(right.hits, times), dot(right.rejections, times)];
  // Counts are whole: no more false alarms, and no fewer hits, than the reader has.
  const lastKept = firstAbove(curve.falseAlarms, negatives - rejections, first) - 1;
  // Where no score keeps the specificity, calling nothing positive does.
  const atSpecificity = lastKept < first ? 0 : (curve.hits[lastKept] ?? 0);
  const atSensitivity = negatives - (curve.falseAlarms[firstAbove(curve.hits, hits - 1, first)] ?? negatives);
  return {
    specificity: { network: atSpecificity / positives, reader: hits / positives },
    sensitivity: { network: atSensitivity / negatives, reader: rejections / negatives },
  };
}

/** The first place from `from` on whose count is above a whole number; counts never fall. */
function firstAbove(counts: Int32Array, most: number, from: number): number {
  let [low, high] = [from, counts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((counts[middle] ?? 0) > most) high = middle;
    else low = middle + 1;
  }
  return low;
}

function pOf(differences: readonly number[]): number {
  const least = Math.min(
    differences.filter((value) => value <= 0).length,
    differences.filter((value) => value >= 0).length,
  );
  return Math.min(1, (2 * (least + 1)) / (differences.length + 1));
}
