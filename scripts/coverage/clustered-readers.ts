import { normal } from "@/core/random";
import { normalCdf } from "@/core/stats/distributions";
import { type Clustering, drawErrors, drawImages, type Images, positiveNodes, shiftOf } from "./clustered-model";

/** Readers and a network on images of nodes of patients: two conditions, every reader reads every image in both. */
export interface ClusteredReadersModel {
  patients: number;
  readers: number;
  clustering: Clustering;
  correlation: number;
  /** Areas of the median reader under the two conditions, and of the network. */
  first: number;
  second: number;
  network: number;
  /** Standard deviations of a reader's shift, and of what the condition adds to it. */
  ofReaders: number;
  ofReadersByCondition: number;
}

interface Truths {
  areaDifference: number;
  sensitivityDifference: number;
  areaLessNetwork: number;
  sensitivityLessNetwork: number;
}

export interface ClusteredReadersSample extends Images {
  /** By condition and reader. */
  scores: Float64Array[][];
  network: Float64Array;
  threshold: number;
  /**
   * Over readers like these, and of the readers drawn. Condition 1 less condition 2; readers in condition 1 less
   * network.
   */
  population: Truths;
  ofTheseReaders: Truths;
}

/**
 * score = (shift of the condition + b_j + g_ij) x truth + error; the errors of all readers, conditions and the
 * network are correlated.
 */
export function drawClusteredReaders(model: ClusteredReadersModel, random: () => number): ClusteredReadersSample {
  const { readers, ofReaders, ofReadersByCondition } = model;
  const images = drawImages({ patients: model.patients, positive: positiveNodes }, random);
  const errors = drawErrors(images, 2 * readers + 1, model, random);
  const conditions = [shiftOf(model.first), shiftOf(model.second)];
  const own = Array.from({ length: readers }, () => ofReaders * normal(random));
  const shifts = conditions.map((shift) => own.map((b) => shift + b + ofReadersByCondition * normal(random)));
  const shifted = (error: Float64Array, shift: number) =>
    error.map((value, i) => value + shift * (images.truth[i] ?? 0));
  const at = (index: number, shift: number) => shifted(errors[index] ?? new Float64Array(), shift);
  const threshold = 0.4 * shiftOf(model.first);
  const areaOf = (shift: number) => normalCdf(shift / Math.SQRT2);
  const sensitivityOf = (shift: number) => normalCdf(shift - threshold);
  const variance = ofReaders ** 2 + ofReadersByCondition ** 2;
  return {
    ...images,
    threshold,
    scores: shifts.map((row, i) => row.map((shift, j) => at(i * readers + j, shift))),
    network: at(2 * readers, shiftOf(model.network)),
    population: truthsOf(
      conditions.map((shift) => normalCdf(shift / Math.sqrt(2 + variance))),
      conditions.map((shift) => normalCdf((shift - threshold) / Math.sqrt(1 + variance))),
      model.network,
      sensitivityOf(shiftOf(model.network)),
    ),
    ofTheseReaders: truthsOf(
      shifts.map((row) => mean(row.map(areaOf))),
      shifts.map((row) => mean(row.map(sensitivityOf))),
      model.network,
      sensitivityOf(shiftOf(model.network)),
    ),
  };
}

function truthsOf(
  [area1 = 0, area2 = 0]: readonly number[],
  [sensitivity1 = 0, sensitivity2 = 0]: readonly number[],
  networkArea: number,
  networkSensitivity: number,
): Truths {
  return {
    areaDifference: area1 - area2,
    sensitivityDifference: sensitivity1 - sensitivity2,
    areaLessNetwork: area1 - networkArea,
    sensitivityLessNetwork: sensitivity1 - networkSensitivity,
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
