import { fewClusters, quantileOfClusters } from "../clustered/clusters";
import { fUpperTail, studentTwoSidedP } from "../distributions";
import { dot, less } from "../readers/sums";
import { structuralComponents } from "../roc/structural-components";
import { because, by, type Estimate, notEstimable, possible, withoutInterval } from "../types";
import {
  classesOf,
  clusteredBy,
  type Known,
  listed,
  type Measure,
  type Opinions,
  opinionsFor,
  valuesOf,
} from "./opinions";
import type { ReaderAverage } from "./reader-averages";

/** What divides the images into subgroups: a plane, a region, a class of size. */
export interface Factor {
  key: string;
  /** In the order in which they are shown. */
  levels: readonly string[];
  /** By the place of the image in `Known`; null: not recorded, and in no subgroup. */
  of: readonly (string | null)[];
}

/** An average over readers in one subgroup. */
export interface SubgroupDifference {
  level: string;
  /** Images of the classes that the measure looks at which one of the parties has an opinion of. */
  n: number;
  positive: number;
  patients: number;
  /** First less second. */
  difference: Estimate;
  p: number | null;
}

export interface Subgroups extends Pick<ReaderAverage, "kind" | "first" | "second" | "measure"> {
  factor: string;
  levels: SubgroupDifference[];
  /** Whether the difference is another in another subgroup; null with fewer than two subgroups that have a variance. */
  interaction: { statistic: number; df: [number, number]; p: number } | null;
}

/** Which parties an average compares: those of `readerAverages`. */
export interface Contrast extends Pick<ReaderAverage, "kind" | "first" | "second"> {
  /** Reader by reader, first and second. */
  pairs: readonly (readonly [Opinions, Opinions])[];
}

/**
 * The averages over these very readers, subgroup by subgroup, and whether the subgroups differ.
 *
 * In a subgroup: the average of `averageOfReaders`, each reader weighing by the pairs (images) read there, with the same variance between patients and t on
 * the patients of the smaller class less one. Interaction: Wald's test that the differences of all subgroups are equal, with the covariance between
 * subgroups through the patients who are in several, as Hotelling's T squared: F on L - 1 and K - L + 1 degrees of freedom, L subgroups, K
 * the patients of the smaller class in the smallest of them plus L - 2. Subgroups with a class in fewer than two patients are in no test. Exploratory:
 * nothing is adjusted.
 */
export function subgroupsOf(factor: Factor, contrast: Contrast, measure: Measure, known: Known): Subgroups {
  const { kind, first, second, pairs } = contrast;
  const found = factor.levels.map((level) => inLevel(factor, level, pairs, measure, known));
  return {
    ...{ factor: factor.key, kind, first, second, measure },
    levels: found.map(({ shown }) => shown),
    interaction: interactionOf(found.flatMap(({ tested }) => (tested ? [tested] : []))),
  };
}

interface Tested {
  estimate: number;
  /** Of the difference, by cluster of the study. */
  influence: Float64Array;
  /** Of the smaller class. */
  clusters: number;
}

function inLevel(
  factor: Factor,
  level: string,
  pairs: Contrast["pairs"],
  measure: Measure,
  known: Known,
): { shown: SubgroupDifference; tested: Tested | null } {
  const wanted = classesOf(measure);
  const method = clusteredBy("patient", by("reader_average", { source: "U-statistics", readers: "fixed" }));
  const isIn = (place: number) => factor.of[place] === level && wanted.some((of) => known.truth[place] === of);
  const seen = new Set<number>();
  const sides = pairs.flatMap(([first, second]) => {
    const [a, b] = [sideOf(first, measure, known, isIn), sideOf(second, measure, known, isIn)];
    for (const place of [...a.places, ...b.places]) seen.add(place);
    return a.size > 0 && b.size > 0 ? [{ a, b, weight: (a.size + b.size) / 2 }] : [];
  });
  const images = Int32Array.from(seen).sort();
  const { truth, cluster } = listed(images, known);
  const about = {
    level,
    n: images.length,
    positive: truth.reduce((sum, value) => sum + value, 0),
    patients: new Set(cluster).size,
  };
  const none = (reason: Parameters<typeof notEstimable>[0]["reason"]) => ({
    shown: { ...about, difference: notEstimable({ reason, method, n: images.length }), p: null },
    tested: null,
  });
  if (sides.length === 0) return none(because("no_reader_scored"));
  const total = sides.reduce((sum, { weight }) => sum + weight, 0);
  const width = known.clusters;
  const average = (of: "a" | "b"): Figure => {
    const positive = new Float64Array(width);
    const negative = new Float64Array(width);
    let value = 0;
    for (const side of sides) {
      const share = side.weight / total;
      value += share * side[of].figure.value;
      for (let g = 0; g < width; g++) {
        positive[g] = (positive[g] ?? 0) + share * (side[of].figure.positive[g] ?? 0);
        negative[g] = (negative[g] ?? 0) + share * (side[of].figure.negative[g] ?? 0);
      }
    }
    return { value, positive, negative };
  };
  const [x, y] = [average("a"), average("b")];
  const estimate = x.value - y.value;
  const patientsOf = (of: number) => new Set(cluster.filter((_, i) => truth[i] === of)).size;
  const [positives, negatives] = [patientsOf(1), patientsOf(0)];
  const clusters = Math.min(...wanted.map((of) => (of === 1 ? positives : negatives)));
  const caution = because("few_patients_of_test");
  if (clusters < 2)
    return {
      shown: { ...about, difference: withoutInterval({ estimate, method, n: images.length, caution }), p: null },
      tested: null,
    };
  const [positive, negative] = [less(x.positive, y.positive), less(x.negative, y.negative)];
  const variance =
    perDf(positives) * dot(positive, positive) +
    perDf(negatives) * dot(negative, negative) +
    2 * perDf(about.patients) * dot(positive, negative);
  // Of the same size as the variance, and positive for any number of subgroups together.
  const [ofPositives, ofNegatives] = [Math.sqrt(perDf(positives)), Math.sqrt(perDf(negatives))];
  const influence = positive.map((value, g) => ofPositives * value + ofNegatives * (negative[g] ?? 0));
  if (variance < rounding)
    return {
      shown: {
        ...about,
        difference: withoutInterval({ estimate, method, n: images.length, caution: because("difference_no_test") }),
        p: null,
      },
      tested: null,
    };
  const half = quantileOfClusters(clusters) * Math.sqrt(variance);
  const [lower, upper] = possible([estimate - half, estimate + half]);
  return {
    shown: {
      ...about,
      difference: { estimate, lower, upper, method, n: images.length, ...fewClusters(clusters) },
      p: studentTwoSidedP(estimate / Math.sqrt(variance), clusters - 1),
    },
    tested: { estimate, influence, clusters },
  };
}

const perDf = (clusters: number): number => (clusters < 2 ? 0 : clusters / (clusters - 1));

/** Below this a variance of areas and shares is rounding error. */
const rounding = 1e-15;

/** An area or a share, and what each cluster's positives and negatives add to it. */
interface Figure {
  value: number;
  positive: Float64Array;
  negative: Float64Array;
}

/** One party in one subgroup. */
function sideOf(party: Opinions, measure: Measure, known: Known, isIn: (place: number) => boolean) {
  const values = opinionsFor(measure, party);
  const places = Int32Array.from(values.keys()).filter((place) => !Number.isNaN(values[place]) && isIn(place));
  const { truth, cluster } = listed(places, known);
  const score = valuesOf(values, places);
  const width = known.clusters;
  const [positive, negative] = [new Float64Array(width), new Float64Array(width)];
  const m = truth.reduce((sum, value) => sum + value, 0);
  const n = truth.length - m;
  if (measure === "auc") {
    if (m === 0 || n === 0) return { places, size: 0, figure: { value: 0, positive, negative } };
    const { auc, positives, negatives } = structuralComponents({ truth, score, direction: "higher" });
    let [p, q] = [0, 0];
    for (let i = 0; i < places.length; i++) {
      const g = cluster[i] ?? 0;
      if (truth[i] === 1) positive[g] = (positive[g] ?? 0) + ((positives[p++] ?? 0) - auc) / m;
      else negative[g] = (negative[g] ?? 0) + ((negatives[q++] ?? 0) - auc) / n;
    }
    return { places, size: m * n, figure: { value: auc, positive, negative } };
  }
  if (places.length === 0) return { places, size: 0, figure: { value: 0, positive, negative } };
  const right = score.reduce((sum, call, i) => sum + (call === truth[i] ? 1 : 0), 0);
  const value = right / places.length;
  const own = measure === "sensitivity" ? positive : negative;
  for (let i = 0; i < places.length; i++) {
    const g = cluster[i] ?? 0;
    own[g] = (own[g] ?? 0) + ((score[i] === truth[i] ? 1 : 0) - value) / places.length;
  }
  return { places, size: places.length, figure: { value, positive, negative } };
}

/** Wald's statistic of L equal differences, as Hotelling's T squared. */
function interactionOf(levels: readonly Tested[]): Subgroups["interaction"] {
  const [last] = levels.slice(-1);
  const q = levels.length - 1;
  if (!last || q < 1) return null;
  const others = levels.slice(0, -1);
  const contrast = others.map(({ estimate }) => estimate - last.estimate);
  const influences = others.map(({ influence }) => influence.map((value, g) => value - (last.influence[g] ?? 0)));
  const covariance = influences.map((x) =>
    influences.map((y) => x.reduce((sum, value, g) => sum + value * (y[g] ?? 0), 0)),
  );
  const weights = solved(covariance, contrast);
  if (!weights) return null;
  const wald = contrast.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0);
  const clusters = Math.min(...levels.map(({ clusters }) => clusters)) + q - 1;
  const df: [number, number] = [q, clusters - q];
  if (df[1] < 1) return null;
  const statistic = (wald * df[1]) / (q * (clusters - 1));
  return { statistic, df, p: fUpperTail(statistic, ...df) };
}

/** x of A x = b, A symmetric and positive (Cholesky); null where it is not. */
function solved(matrix: readonly (readonly number[])[], b: readonly number[]): number[] | null {
  const size = b.length;
  const lower = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]?.[j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (lower[i]?.[k] ?? 0) * (lower[j]?.[k] ?? 0);
      if (i === j && sum <= 1e-12 * (matrix[i]?.[i] ?? 0)) return null;
      const row = lower[i];
      if (row) row[j] = i === j ? Math.sqrt(sum) : sum / (lower[j]?.[j] ?? 1);
    }
  }
  const forth: number[] = [];
  for (let i = 0; i < size; i++) {
    let sum = b[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (lower[i]?.[k] ?? 0) * (forth[k] ?? 0);
    forth.push(sum / (lower[i]?.[i] ?? 1));
  }
  const back: number[] = new Array(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    let sum = forth[i] ?? 0;
    for (let k = i + 1; k < size; k++) sum -= (lower[k]?.[i] ?? 0) * (back[k] ?? 0);
    back[i] = sum / (lower[i]?.[i] ?? 1);
  }
  return back;
}
