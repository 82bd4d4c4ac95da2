import type { Said } from "../../words";
import { bootstrapPercentile } from "../clustered/bootstrap";
import { calibration } from "../network/calibration";
import { calibrationCurve } from "../network/calibration-curve";
import { type NetBenefit, netBenefit, rangesOfBenefit } from "../network/net-benefit";
import { averagePrecisionOf } from "../roc/precision-recall";
import { rankScores } from "../roc/ranked-scores";
import type { Estimate } from "../types";
import { by } from "../types";
import { type MatchedPoint, matchedPoints } from "./matched-points";
import { clusteredBy, imagesIn, lacking, listed, type Opinions, type ReaderOpinions, valuesOf } from "./opinions";
import type { Units } from "./units";

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
 * and Brier score by bootstrap of patients; those of the calibration intercept and slope by the sandwich between patients.
 * Null while the scored images are of one class.
 * @param random numbers in [0, 1), seeded by the caller
 */
export function networkAlone(
  scored: Opinions,
  readers: readonly ReaderOpinions[],
  units: Units,
  random: () => number,
): NetworkAlone | null {
  const { known } = units;
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
  const { inTheLarge, recalibration } = calibration({ truth, probability: score, clip: 1e-6, groups: 10, cluster });
  const decision = netBenefit({ truth, score, thresholds });
  const curve = calibrationCurve({ truth, probability: score });
  return {
    n,
    prevalence: truth.reduce((sum, value) => sum + value, 0) / n,
    averagePrecision: bootstrapped(by("average_precision"), (weights) => averagePrecisionOf(ranked, weights)),
    brier: bootstrapped(by("brier"), (weights) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const squares = weights.reduce((sum, weight, i) => sum + weight * ((score[i] ?? 0) - (truth[i] ?? 0)) ** 2, 0);
      return total === 0 ? null : squares / total;
    }),
    calibrationInTheLarge: byPatient(inTheLarge.intercept),
    calibrationSlope: byPatient(recalibration.slope),
    ici: curve.ici,
    calibrationCurve: curve.points,
    netBenefit: decision,
    benefitRanges: rangesOfBenefit(decision),
    matched: matchedPoints(scored, readers, units, random),
  };
}

const byPatient = (estimate: Estimate): Estimate => ({ ...estimate, method: clusteredBy("patient", estimate.method) });
