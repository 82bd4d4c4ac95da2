import type { Said } from "../../words";
import { bootstrapPercentile } from "../clustered/bootstrap";
import { clusteredProportion } from "../clustered/clustered-proportion";
import { calibration } from "../network/calibration";
import { calibrationCurve } from "../network/calibration-curve";
import { type NetBenefit, netBenefit, rangesOfBenefit } from "../network/net-benefit";
import { cutoffKeeping } from "../roc/cutoff";
import { averagePrecisionOf } from "../roc/precision-recall";
import { rankScores } from "../roc/ranked-scores";
import type { Estimate } from "../types";
import { because, by } from "../types";
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
  network: { threshold: number; sensitivity: Estimate; specificity: Estimate } | null;
  n: number;
}

export interface NetworkAlone {
  n: number;
  prevalence: number;
  averagePrecision: Estimate;
  brier: Estimate;
  /** Log odds observed less predicted, 0 when calibrated; slope 1 when calibrated. */
  calibrationInTheLarge: Estimate;
  calibrationSlope: Estimate;
  /** Integrated calibration index: mean distance of the smoothed curve from the diagonal. */
  ici: number;
  calibrationCurve: { probability: number; observed: number }[];
  netBenefit: NetBenefit[];
  /** Where the network is of more use than calling all or none positive. */
  benefitRanges: { from: number; to: number }[];
  matched: MatchedPoint[];
}

const replicates = 1000;
const thresholds = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/**
 * What the scores of the network are worth as probabilities, and the network at the readers' operating points. Intervals of average precision
 * and Brier score by bootstrap of patients; those of the calibration intercept and slope take images as independent and say so.
 * Null while the scored images are of one class.
 * @param random numbers in [0, 1), seeded by the caller
 */
export function networkAlone(
  scored: Opinions,
  readers: readonly ReaderOpinions[],
  known: Known,
  random: () => number,
): NetworkAlone | null {
  const images = imagesIn(known, scored.ratings);
  const { truth, cluster } = listed(images, known);
  if (lacking(truth)) return null;
  const score = valuesOf(scored.ratings, images);
  const n = images.length;
  const ranked = rankScores({ truth, score, direction: "higher" });
  const bootstrapped = (figure: Said, statistic: (weights: Float64Array) => number | null): Estimate => {
    const method = by("bootstrap_of_patients", { figure });
    return bootstrapPercentile({ n, cluster, statistic, replicates, random, method });
  };
  const { inTheLarge, recalibration } = calibration({ truth, probability: score, clip: 1e-6, groups: 10 });
  const decision = netBenefit({ truth, score, thresholds });
  const curve = calibrationCurve({ truth, probability: score });
  return {
    n,
    prevalence: truth.filter((value) => value === 1).length / n,
    averagePrecision: bootstrapped(by("average_precision"), (weights) => averagePrecisionOf(ranked, weights)),
    brier: bootstrapped(by("brier"), (weights) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const squares = weights.reduce((sum, weight, i) => sum + weight * ((score[i] ?? 0) - (truth[i] ?? 0)) ** 2, 0);
      return total === 0 ? null : squares / total;
    }),
    calibrationInTheLarge: independently(inTheLarge.intercept),
    calibrationSlope: independently(recalibration.slope),
    ici: curve.ici,
    calibrationCurve: curve.points,
    netBenefit: decision,
    benefitRanges: rangesOfBenefit(decision),
    matched: readers.flatMap((reader) =>
      (["specificity", "sensitivity"] as const).map((keep) => matchedPoint(scored, reader, keep, known)),
    ),
  };
}

const independently = (estimate: Estimate): Estimate => {
  const method = clusteredBy("image", estimate.method);
  return estimate.estimate === null
    ? { ...estimate, method }
    : { ...estimate, method, caution: because("images_alike") };
};

function matchedPoint(
  scored: Opinions,
  reader: ReaderOpinions,
  keep: MatchedPoint["keep"],
  known: Known,
): MatchedPoint {
  const images = imagesIn(known, scored.ratings, reader.calls);
  const { truth, cluster } = listed(images, known);
  const score = valuesOf(scored.ratings, images);
  const shareOf = (wanted: 0 | 1, calls: readonly number[], method: Said): Estimate => {
    const own = images.flatMap((_, i) => (truth[i] === wanted ? [i] : []));
    return clusteredProportion({
      outcome: own.map((i) => Number(calls[i] === wanted)),
      cluster: own.map((i) => cluster[i] ?? ""),
      method,
    }).proportion;
  };
  const clustered = clusteredBy("patient", by("share"));
  const calls = valuesOf(reader.calls, images);
  const own = { sensitivity: shareOf(1, calls, clustered), specificity: shareOf(0, calls, clustered) };
  const about = { reader: reader.reader, condition: reader.condition, keep, ...own, n: images.length };
  const atLeast = own[keep].estimate;
  if (atLeast === null || lacking(truth)) return { ...about, network: null };
  const found = cutoffKeeping({ truth, score, direction: "higher", keep, atLeast });
  if (!found) return { ...about, network: null };
  const { threshold } = found;
  const set = score.map((value) => Number(value >= threshold));
  const method = by("cutoff_from_these_images", { method: clustered });
  return {
    ...about,
    network: { threshold, sensitivity: shareOf(1, set, method), specificity: shareOf(0, set, method) },
  };
}
