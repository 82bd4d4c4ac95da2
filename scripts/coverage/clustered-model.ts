import { normal } from "@/core/random";
import { normalCdf, normalQuantile } from "@/core/stats/distributions";

/**
 * Shares of the variance of a score (given the truth) between patients and between the nodes of a patient; the rest
 * is between images.
 */
export interface Clustering {
  patient: number;
  node: number;
}

/** Two scores of the same images, and the calls at one common threshold. */
export interface ClusteredModel {
  patients: number;
  /** Share of the nodes. */
  positive: number;
  clustering: Clustering;
  /** Correlation of the two scores given the truth, the same at every level. */
  correlation: number;
  /** True areas under the curve. */
  first: number;
  second: number;
}

/** Which node and patient an image is of, and the truth of its node. */
export interface Images {
  truth: Uint8Array;
  patient: Int32Array;
  node: Int32Array;
  nodes: number;
}

export interface ClusteredSample extends Images {
  first: Float64Array;
  second: Float64Array;
  threshold: number;
}

/**
 * The founding study's reconstruction: 129 patients by number of nodes, its 227 nodes by truth and number of images
 * (644 in all).
 */
const nodesOfPatient = { values: [1, 2, 3, 4], counts: [59, 47, 18, 5] };
const imagesOfNode = [
  { values: [1, 2, 3, 4, 5], counts: [27, 45, 25, 21, 10] },
  { values: [2, 3, 4, 5, 6], counts: [33, 28, 25, 10, 3] },
] as const;
export const positiveNodes = 99 / 227;

/** P(truth = 1) of a random image where that share of the nodes is positive: positive nodes have more images. */
export function positiveImages(ofNodes: number): number {
  const [negative, positive] = imagesOfNode.map(
    ({ values, counts }) => values.reduce((sum, value, i) => sum + value * (counts[i] ?? 0), 0) / total(counts),
  );
  const share = ofNodes * (positive ?? 0);
  return share / (share + (1 - ofNodes) * (negative ?? 0));
}

/**
 * Patients are independent draws; the nodes of one have truths of their own, so that many patients hold both classes.
 * Drawn again while a class lies within one patient (about two studies in a thousand with 10 patients).
 */
export function drawImages(
  { patients, positive }: Pick<ClusteredModel, "patients" | "positive">,
  random: () => number,
): Images {
  for (;;) {
    const images = drawOnce(patients, positive, random);
    const patientsWith = (wanted: number) => new Set(images.patient.filter((_, i) => images.truth[i] === wanted)).size;
    if (patientsWith(0) > 1 && patientsWith(1) > 1) return images;
  }
}

function drawOnce(patients: number, positive: number, random: () => number): Images {
  const [truth, patient, node]: [number[], number[], number[]] = [[], [], []];
  let nodes = 0;
  for (let i = 0; i < patients; i++) {
    for (let left = drawn(nodesOfPatient, random); left > 0; left--) {
      const isPositive = random() < positive ? 1 : 0;
      for (let images = drawn(imagesOfNode[isPositive], random); images > 0; images--) {
        truth.push(isPositive);
        patient.push(i);
        node.push(nodes);
      }
      nodes++;
    }
  }
  return { truth: Uint8Array.from(truth), patient: Int32Array.from(patient), node: Int32Array.from(node), nodes };
}

/**
 * Errors of `opinions` correlated scores: standard normal for each image, patient + node + image effects, each effect
 * the sum of one that all opinions share (its part of the variance is `correlation`) and one of the opinion's own.
 */
export function drawErrors(
  images: Images,
  opinions: number,
  { clustering, correlation }: Pick<ClusteredModel, "clustering" | "correlation">,
  random: () => number,
): Float64Array[] {
  const errors = Array.from({ length: opinions }, () => new Float64Array(images.truth.length));
  const image = Int32Array.from(images.truth.keys());
  const levels = [
    { unit: images.patient, share: clustering.patient },
    { unit: images.node, share: clustering.node },
    { unit: image, share: 1 - clustering.patient - clustering.node },
  ];
  for (const { unit, share } of levels) {
    if (share === 0) continue;
    const count = (unit[unit.length - 1] ?? 0) + 1;
    const common = normals(count, Math.sqrt(share * correlation), random);
    for (const error of errors) {
      const own = normals(count, Math.sqrt(share * (1 - correlation)), random);
      for (const [i, at] of unit.entries()) error[i] = (error[i] ?? 0) + (common[at] ?? 0) + (own[at] ?? 0);
    }
  }
  return errors;
}

/** score = shift x truth + error, shift = sqrt(2) z(AUC). */
export function drawClustered(model: ClusteredModel, random: () => number): ClusteredSample {
  const images = drawImages(model, random);
  const [first = new Float64Array(), second = new Float64Array()] = drawErrors(images, 2, model, random);
  const [a, b] = [shiftOf(model.first), shiftOf(model.second)];
  for (const [i, truth] of images.truth.entries()) {
    first[i] = (first[i] ?? 0) + a * truth;
    second[i] = (second[i] ?? 0) + b * truth;
  }
  return { ...images, first, second, threshold: thresholdOf(model) };
}

export const shiftOf = (area: number): number => Math.SQRT2 * normalQuantile(area);

/** 0.4 of the first score's shift: sensitivity above specificity. */
const thresholdOf = ({ first }: Pick<ClusteredModel, "first">): number => 0.4 * shiftOf(first);

/**
 * True values, in closed form. Patients are independent and the error has variance 1 in each class, whatever the
 * clustering: the area is that of a random positive against a random negative image of another patient. Kappa needs
 * the probability of two positive calls, an integral over one dimension.
 */
export function truthOf(model: ClusteredModel) {
  const { first, second, correlation } = model;
  const threshold = thresholdOf(model);
  const sensitivities = [normalCdf(shiftOf(first) - threshold), normalCdf(shiftOf(second) - threshold)] as const;
  const specificity = normalCdf(threshold);
  const p = positiveImages(model.positive);
  const calls = sensitivities.map((sensitivity) => p * sensitivity + (1 - p) * (1 - specificity));
  const [ofFirst = 0, ofSecond = 0] = calls;
  const both =
    p * bothAbove(threshold - shiftOf(first), threshold - shiftOf(second), correlation) +
    (1 - p) * bothAbove(threshold, threshold, correlation);
  const chance = ofFirst * ofSecond + (1 - ofFirst) * (1 - ofSecond);
  return {
    area: first,
    areaDifference: first - second,
    sensitivity: sensitivities[0],
    sensitivityDifference: sensitivities[0] - sensitivities[1],
    specificity,
    ppv: (p * sensitivities[0]) / ofFirst,
    balancedAccuracy: (sensitivities[0] + specificity) / 2,
    kappa: (1 + 2 * both - ofFirst - ofSecond - chance) / (1 - chance),
  };
}

/**
 * P(X > h, Y > k) of standard normal X, Y with correlation r: the product of the tails plus the integral of the
 * bivariate density over the correlation from 0 to r (Plackett RL. Biometrika 1954;41:351-360), by Simpson's rule.
 */
export function bothAbove(h: number, k: number, r: number): number {
  const density = (s: number) =>
    Math.exp(-(h * h - 2 * s * h * k + k * k) / (2 * (1 - s * s))) / (2 * Math.PI * Math.sqrt(1 - s * s));
  const steps = 400;
  let sum = density(0) + density(r);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density((r * i) / steps);
  return normalCdf(-h) * normalCdf(-k) + (sum * r) / (3 * steps);
}

function normals(count: number, deviation: number, random: () => number): Float64Array {
  const values = new Float64Array(count);
  if (deviation > 0) for (let i = 0; i < count; i++) values[i] = deviation * normal(random);
  return values;
}

interface Frequencies {
  values: readonly number[];
  counts: readonly number[];
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function drawn({ values, counts }: Frequencies, random: () => number): number {
  let left = random() * total(counts);
  for (const [i, count] of counts.entries()) {
    left -= count;
    if (left < 0) return values[i] ?? 0;
  }
  return values[values.length - 1] ?? 0;
}
