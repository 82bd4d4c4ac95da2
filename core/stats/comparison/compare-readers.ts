import type { Said } from "../../words";
import { clusteredKappa } from "../agreement/clustered-kappa";
import { fleissKappa } from "../agreement/fleiss-kappa";
import { clusteredWeightedKappa, type DistanceWeights } from "../agreement/weighted-kappa";
import { type ClusteredAuc, clusteredArea, compareClusteredComponents } from "../clustered/clustered-auc";
import { clusteredDifference } from "../clustered/clustered-mcnemar";
import { clusteredProportion } from "../clustered/clustered-proportion";
import { type RocBand, rocBand } from "../clustered/roc-band";
import { type RocPoint, rocPoints } from "../roc/roc-points";
import type { PairedCounts } from "../types";
import { because, by, type Estimate, notEstimable, possible, together } from "../types";
import { holmByFamily } from "./families";
import { type NetworkAlone, networkAlone } from "./network-alone";
import { type NotEvaluableRow, notEvaluableRows } from "./not-evaluable";
import {
  type ClusterLevel,
  type ComparedImage,
  type ComparedRead,
  type ComparedScore,
  clusteredBy,
  componentsOf,
  countOf,
  imagesIn,
  imagesInAny,
  isRated,
  type Known,
  knownImages,
  lacking,
  listed,
  type NotEvaluableRule,
  type Opinions,
  onImagesOf,
  opinionsFor,
  opinionsOfNetwork,
  opinionsOfReaders,
  type Party,
  partyOf,
  type ReaderOpinions,
  valuesOf,
} from "./opinions";
import { type ReaderAverage, readerAverages } from "./reader-averages";
import { type SecondaryTest, secondaryTests } from "./secondary-tests";
import { type Factor, type Subgroups, subgroupsOf } from "./subgroups";
import { type Unit, type UnitRule, unitsOf } from "./units";
import { unpaired } from "./unpaired";

export { type ComparedImage, type ComparedRead, type ComparedScore, network, type Party } from "./opinions";

export interface ComparisonRow extends Party {
  unit: Unit;
  n: number;
  tp: number;
  fn: number;
  tn: number;
  fp: number;
  sensitivity: Estimate;
  specificity: Estimate;
  ppv: Estimate;
  npv: Estimate;
  accuracy: Estimate;
  /** Area under the whole curve of ratings or scores. */
  auc: Estimate;
  /** Balanced accuracy: the trapezoid through the one operating point. Not to be ranked against `auc`. */
  singlePointAuc: Estimate;
  /** Variance between patients over that of as many independent units; null where that is 0. */
  designEffect: Record<"sensitivity" | "specificity" | "accuracy" | "auc" | "singlePointAuc", number | null>;
}

export interface RocEntry extends Party {
  /** Where the calls lie, of all images with a call. */
  point: { fpr: Estimate; tpr: Estimate };
  /** The empirical curve of the ratings or scores, its area the `auc` of the row; empty where that is not estimable. */
  curve: RocPoint[];
  /** About the curve of the network; null for readers, and where none can be given. */
  band: RocBand | null;
}

export interface Agreement {
  /** Twice the same: a reader with herself. */
  readers: [string, string];
  /** The condition that both share, or the one that repeats another. */
  condition: string;
  n: number;
  /** [[both positive, only the first], [only the second, both negative]] */
  table: number[][];
  kappa: Estimate;
  observed: number | null;
  /** Gwet's. */
  ac1: Estimate;
  /** (both positive - both negative) / n and (only the first - only the second) / n: why kappa is lower than AC1; null when n is 0. */
  prevalenceIndex: number | null;
  biasIndex: number | null;
  /** Kappa of the ratings, by the distance of two ratings and by its square; of the images that both rated. */
  weightedLinear: Estimate;
  weightedQuadratic: Estimate;
}

/** All readers of a condition, three or more, on the images that all of them called. */
export interface JointAgreement {
  condition: string;
  readers: string[];
  n: number;
  observed: number | null;
  /** Fleiss's. */
  kappa: Estimate;
}

export interface PairedComparison {
  kind: "condition" | "reader" | "network";
  first: Party;
  second: Party;
  /** The condition both share, or that of the reader against the network; null between conditions. */
  condition: string | null;
  measure: "sensitivity" | "specificity" | "auc";
  /** Images read by both: the positive ones for sensitivity, the negative ones for specificity, all for the AUC. */
  n: number;
  /** First less second. */
  difference: Estimate;
  method: Said;
  p: number | null;
  /** Holm's adjustment over every comparison of this analysis that has a P value. */
  pHolm: number | null;
}

/** What a reader has read in a condition of the images of one truth. */
export interface ReadImages {
  reader: string;
  condition: string;
  truth: 0 | 1;
  /** Images of the study with this truth. */
  images: number;
  read: number;
  /** Among the reads, those of images that the reader could not judge. */
  notEvaluable: number;
  /** Reads with a confidence or rating, which areas need. */
  rated: number;
}

export interface Comparison {
  rows: ComparisonRow[];
  /** Reads by reader, condition and truth. */
  reads: ReadImages[];
  roc: RocEntry[];
  agreement: Agreement[];
  jointAgreement: JointAgreement[];
  comparisons: PairedComparison[];
  averages: ReaderAverage[];
  /** What each rule for reads that were not evaluable gives; empty where there is none. */
  notEvaluable: NotEvaluableRow[];
  /** Null without scores, or while the scored images are of one class. */
  network: NetworkAlone | null;
  /** The same rows when units count as alike within a node only, and when they count as independent. */
  otherClusterings: { level: ClusterLevel; clusters: number; rows: ComparisonRow[] }[];
  /** The same pairs by figures that no plan names, on the images that both have called; not adjusted. */
  secondary: SecondaryTest[];
  /** The averages in every subgroup of every factor that has two or more. */
  subgroups: Subgroups[];
}

/**
 * Readers against each other and against the network on the same images, image by image. All fractions are 0..1.
 *
 * Pairs are compared on the images that both have, or unpaired when there is none; `n` says how many. Estimates count images; every interval and
 * test is clustered by patient, since images of one node and nodes of one patient are alike; `otherClusterings` shows what that changes. Calls:
 * ratio estimator, and within the positive (sensitivity) and the negative images (specificity) its paired difference, against t on patients - 1.
 * Ratings and scores: Obuchowski's areas, compared only where both parties have them, so that a single operating point is never ranked against a
 * curve. Averages over readers count every read.
 * @param options.scores out-of-fold scores of the network; null or empty leaves the network out
 * @param options.threshold the network calls an image positive when its score is at least this; a score may bring the threshold of its own model
 * @param options.comparisons which families of tests are made and adjusted together
 * @param options.reads those of a second or later occasion count for the agreement of a reader with herself and for nothing else
 * @param options.conditions in the order of the protocol, which rows and differences follow; readers are in natural order (R2 before R10)
 * @param options.repeats conditions of a later occasion, each with the one that it repeats
 * @param options.notEvaluable how reads that were not evaluable count; left out: not at all
 * @param options.random numbers in [0, 1), seeded by the caller, for the bootstrap intervals
 * @param options.unit what is counted, images unless said otherwise; `options.rule` makes one opinion of those of a unit's images (`unitsOf`)
 * @param options.families tests that Holm's adjustment takes together, by kind; left out: all of them
 * @param options.factors divide the units into subgroups, by the `groups` of the images; a unit whose images are of several is in none
 * @param options.onProgress called after each table row, pair and average with how many there are and will be
 * @throws StatsError for a read or score of an unknown image, or a second one of the same image
 */
export function compareReaders(options: {
  images: readonly ComparedImage[];
  reads: readonly ComparedRead[];
  scores: readonly ComparedScore[] | null;
  threshold: number;
  comparisons: readonly PairedComparison["kind"][];
  conditions: readonly string[];
  repeats: ReadonlyMap<string, string>;
  notEvaluable?: NotEvaluableRule;
  random: () => number;
  unit?: Unit;
  rule?: UnitRule;
  families?: readonly (readonly PairedComparison["kind"][])[];
  factors?: readonly Pick<Factor, "key" | "levels">[];
  onProgress?: (done: number, total: number) => void;
}): Comparison {
  const { scores, unit = "image", rule = "any", factors = [] } = options;
  const ofImages = knownImages(options.images, "patient");
  const units = unitsOf({ images: options.images, known: ofImages, unit, rule });
  const { known } = units;
  const said = opinionsOfReaders(options.reads, ofImages, options.conditions, options.notEvaluable);
  const opinions = said.map(units.opinionsOf);
  const readers = opinions.filter(({ occasion }) => occasion === 1);
  const scored =
    scores && scores.length > 0 ? units.opinionsOf(opinionsOfNetwork(scores, options.threshold, ofImages)) : null;
  const parties = scored ? [...readers, scored] : readers;
  const compared = pairs(readers, scored).filter(({ kind }) => options.comparisons.includes(kind));
  const agreeing = samePairs(readers);
  const repeated = repetitions(opinions, options.repeats);
  const total = compared.length + agreeing.length + repeated.length + 3 * parties.length + 2;
  let done = 0;
  const counted = <T>(value: T): T => {
    options.onProgress?.(++done, total);
    return value;
  };
  const comparisons = compared.flatMap((pair) => counted(compare(pair, known)));
  const families = options.families ?? [options.comparisons];
  const adjusted = holmByFamily(comparisons, families);
  const averages = counted(readerAverages(readers, scored, known, options.comparisons, options.conditions, families));
  return {
    rows: parties.map((party) => counted(rowOf(party, known, "patient", unit))),
    reads: readers.flatMap((party) => readImages(party, known)),
    agreement: [
      ...agreeing.map(([first, second]) => counted(agreementOf(first, second, known))),
      ...repeated.map(([first, again]) => ({
        ...counted(agreementOf(first, again, known)),
        condition: again.condition,
      })),
    ],
    jointAgreement: jointAgreements(readers, known),
    notEvaluable: said
      .filter(({ occasion }) => occasion === 1)
      .flatMap((party) => notEvaluableRows(party, ofImages, options.notEvaluable ?? "exclude")),
    secondary: compared.flatMap((pair) => secondaryTests(pair, known)),
    comparisons: comparisons.map((comparison, i) => ({ ...comparison, pHolm: adjusted[i] ?? null })),
    averages,
    network: counted(scored && networkAlone(scored, readers, known, options.random)),
    otherClusterings: finerThan(unit).map((level) => {
      const cluster = units.clustersAt(level);
      const clustered = { ...known, cluster };
      const rows = parties.map((party) => counted(rowOf(party, clustered, level, unit)));
      return { level, clusters: new Set(cluster).size, rows };
    }),
    subgroups: factors.flatMap(({ key, levels }) => {
      const factor = { key, levels, of: units.groupOf(key) };
      return contrastsOf(averages, readers, scored).flatMap(({ measure, ...contrast }) =>
        subgroupsOf(factor, contrast, measure, known),
      );
    }),
    roc: parties.map((party) => rocOf(party, known, options.random)),
  };
}

/** The levels at which units may count as alike, beside the patient. */
const finerThan = (unit: Unit): ClusterLevel[] =>
  unit === "image" ? ["node", "image"] : unit === "node" ? ["node"] : [];

/** What each average of these readers compares, reader by reader; those of a nested design have no pairs. */
function contrastsOf(averages: readonly ReaderAverage[], readers: readonly ReaderOpinions[], scored: Opinions | null) {
  return averages.flatMap(({ kind, first, second, measure, readers: names }) => {
    const pairs = names.flatMap((name): [Opinions, Opinions][] => {
      const inCondition = (condition: string | null) =>
        condition === null
          ? scored
          : readers.find((reader) => reader.reader === name && reader.condition === condition);
      const [a, b] = [inCondition(first), inCondition(second)];
      if (!a || !b) return [];
      return kind === "network"
        ? [[onImagesOf(a, opinionsFor(measure, b)), onImagesOf(b, opinionsFor(measure, a))]]
        : [[a, b]];
    });
    return pairs.length === 0 ? [] : [{ kind, first, second, measure, pairs }];
  });
}

// ---- one party ------------------------------------------------------------------------------------------------------------

/** One party against the truth: counts, and estimates clustered at a level. */
export function rowOf(party: Opinions, known: Known, level: ClusterLevel, unit: Unit = "image"): ComparisonRow {
  const images = imagesIn(known, party.calls);
  const { truth } = known;
  const isRight = Uint8Array.from(party.calls, (call, image) => (call === truth[image] ? 1 : 0));
  const withTruth = (wanted: 0 | 1) => images.filter((image) => truth[image] === wanted);
  const called = (call: 0 | 1) => images.filter((image) => party.calls[image] === call);
  const [positives, negatives] = [withTruth(1), withTruth(0)];
  const right = (of: Int32Array) => of.reduce((sum, image) => sum + (isRight[image] ?? 0), 0);
  const [tp, tn] = [right(positives), right(negatives)];
  const share = (of: Int32Array) => shareOf(of, isRight, known, level);
  const [sensitivity, specificity, accuracy] = [share(positives), share(negatives), share(images)];
  const auc = aucOf(party, known, level);
  const singlePointAuc = areaOf(images, party.calls, known, clusteredBy(level, by("single_point")));
  return {
    ...partyOf(party),
    unit,
    n: images.length,
    tp,
    fn: positives.length - tp,
    tn,
    fp: negatives.length - tn,
    sensitivity: sensitivity.proportion,
    specificity: specificity.proportion,
    ppv: share(called(1)).proportion,
    npv: share(called(0)).proportion,
    accuracy: accuracy.proportion,
    auc: auc.auc,
    singlePointAuc: singlePointAuc.auc,
    designEffect: {
      sensitivity: sensitivity.designEffect,
      specificity: specificity.designEffect,
      accuracy: accuracy.designEffect,
      auc: auc.designEffect,
      singlePointAuc: singlePointAuc.designEffect,
    },
  };
}

function readImages({ reader, condition, calls, ratings, notEvaluable }: ReaderOpinions, known: Known): ReadImages[] {
  return ([1, 0] as const).map((truth) => {
    const count = (...of: Float64Array[]) => imagesInAny(known, [truth], ...of).length;
    const images = known.truth.filter((each) => each === truth).length;
    return {
      ...{ reader, condition, truth, images },
      ...{ read: count(calls, notEvaluable), notEvaluable: count(notEvaluable), rated: count(ratings) },
    };
  });
}

/** @param isEvent 1 or 0 of every image of the study */
function shareOf(images: Int32Array, isEvent: ArrayLike<number>, known: Known, level: ClusterLevel) {
  return clusteredProportion({
    outcome: images.map((image) => isEvent[image] ?? 0),
    cluster: images.map((image) => known.cluster[image] ?? 0),
    method: clusteredBy(level, by("share")),
  });
}

const aucMethods = { score: "auc_of_scores", rating: "auc_of_own_ratings", confidence: "auc_of_ratings" } as const;

type Area = Pick<ClusteredAuc, "auc" | "designEffect">;

function aucOf({ ratedBy, calls, ratings }: Opinions, known: Known, level: ClusterLevel): Area {
  const method = clusteredBy(level, by(aucMethods[ratedBy]));
  const [called, images] = [countOf(calls), imagesIn(known, ratings)];
  if (images.length === 0 && called > 0)
    return { auc: notEstimable({ reason: because("binary_read"), method, n: called }), designEffect: null };
  const area = areaOf(images, ratings, known, method);
  const missing = called - images.length;
  if (missing === 0 || area.auc.estimate === null) return area;
  const caution = together([area.auc.caution, because("confidence_missing", { missing, images: called })]);
  return caution ? { ...area, auc: { ...area.auc, caution } } : area;
}

function areaOf(images: Int32Array, values: Float64Array, known: Known, method: Said): Area {
  const { truth, cluster } = listed(images, known);
  const reason = lacking(truth);
  if (reason) return { auc: notEstimable({ reason, method, n: images.length }), designEffect: null };
  return clusteredArea({ truth, components: componentsOf(values, images, known), cluster, method });
}

function rocOf(party: Opinions, known: Known, random: () => number): RocEntry {
  const judged = imagesIn(known, party.calls);
  const positiveCalls = (wanted: 0 | 1) => {
    const own = judged.filter((image) => known.truth[image] === wanted);
    return shareOf(own, party.calls, known, "patient").proportion;
  };
  const point = { fpr: positiveCalls(0), tpr: positiveCalls(1) };
  const images = imagesIn(known, party.ratings);
  const { truth, cluster } = listed(images, known);
  if (lacking(truth)) return { ...partyOf(party), point, curve: [], band: null };
  const scored = { truth, score: valuesOf(party.ratings, images), direction: "higher" } as const;
  return {
    ...partyOf(party),
    point,
    curve: rocPoints(scored),
    band: party.condition === null ? rocBand({ ...scored, cluster, replicates: 1000, random }) : null,
  };
}

// ---- two parties ----------------------------------------------------------------------------------------------------------

interface Pair {
  kind: PairedComparison["kind"];
  condition: string | null;
  first: Opinions;
  second: Opinions;
}

/** Two readers in the same condition. */
function samePairs<T extends Opinions>(readers: readonly T[]): [T, T][] {
  return readers.flatMap((first, i) =>
    readers
      .slice(i + 1)
      .filter((second) => second.condition === first.condition)
      .map((second): [T, T] => [first, second]),
  );
}

function pairs(readers: readonly ReaderOpinions[], scored: Opinions | null): Pair[] {
  const ofConditions = readers.flatMap((first, i) =>
    readers
      .slice(i + 1)
      .filter((second) => second.reader === first.reader)
      .map((second): Pair => ({ kind: "condition", condition: null, first, second })),
  );
  const ofReaders = samePairs(readers).map(
    ([first, second]): Pair => ({ kind: "reader", condition: first.condition, first, second }),
  );
  const ofNetwork = readers.flatMap((second): Pair[] =>
    scored ? [{ kind: "network", condition: second.condition, first: scored, second }] : [],
  );
  return [...ofConditions, ...ofReaders, ...ofNetwork];
}

function compare({ kind, condition, first, second }: Pair, known: Known): Omit<PairedComparison, "pHolm">[] {
  const common = imagesIn(known, first.calls, second.calls);
  const about = { kind, first: partyOf(first), second: partyOf(second), condition };
  const onCalls = (["sensitivity", "specificity"] as const).map((measure) => {
    const truth = measure === "sensitivity" ? 1 : 0;
    const own = common.filter((image) => known.truth[image] === truth);
    const apart = own.length === 0 ? unpaired(first, second, measure, known) : null;
    if (apart) return { ...about, measure, ...apart };
    const method = clusteredBy("patient", by("paired_shares"));
    const tables = rightByCluster(first, second, own, truth, known);
    const { difference, p } = clusteredDifference(tables, { method });
    const few = fewInCommon(first.calls, second.calls, own.length, [truth], known);
    return { ...about, measure, n: own.length, difference: carefully(difference, few), method, p };
  });
  if (!isRated(first) || !isRated(second)) return onCalls;
  const isPaired = imagesIn(known, first.ratings, second.ratings).length > 0;
  const apart = isPaired ? null : unpaired(first, second, "auc", known);
  if (apart) return [...onCalls, { ...about, measure: "auc", ...apart }];
  const { n, difference: found, p } = differenceOfAreas(first, second, known);
  const difference = carefully(found, fewInCommon(first.ratings, second.ratings, n, [0, 1], known));
  return [...onCalls, { ...about, measure: "auc", n, difference, method: difference.method, p }];
}

/** Below this share of what the one with fewer has, a paired difference says little of what either has seen. */
const enoughInCommon = 0.5;

/** Why a difference on the images that both have is likely another than that of all: they have few in common. */
function fewInCommon(
  first: Float64Array,
  second: Float64Array,
  common: number,
  classes: readonly (0 | 1)[],
  known: Known,
): Said | undefined {
  const fewer = Math.min(...[first, second].map((values) => imagesInAny(known, classes, values).length));
  return common < enoughInCommon * fewer ? because("few_in_common", { common, fewer }) : undefined;
}

function carefully(estimate: Estimate, caution: Said | undefined): Estimate {
  const both = estimate.estimate === null ? undefined : together([estimate.caution, caution]);
  return estimate.estimate === null || !both ? estimate : { ...estimate, caution: both };
}

/** AUC of the first less that of the second, on the images that both have rated; Obuchowski's areas, clustered by the cluster of each image. */
export function differenceOfAreas(
  first: Opinions,
  second: Opinions,
  known: Known,
): { n: number; difference: Estimate; p: number | null } {
  const common = imagesIn(known, first.ratings, second.ratings);
  const n = common.length;
  const method = clusteredBy("patient", by("paired_areas"));
  const { truth, cluster } = listed(common, known);
  const reason = lacking(truth);
  if (reason) return { n, difference: notEstimable({ reason, method, n }), p: null };
  const { difference, p } = compareClusteredComponents({
    truth,
    first: componentsOf(first.ratings, common, known),
    second: componentsOf(second.ratings, common, known),
    cluster,
    tail: "two-sided",
    method,
  });
  if (difference.lower === null || difference.upper === null) return { n, difference, p };
  const [lower, upper] = possible([difference.lower, difference.upper]);
  return { n, difference: { ...difference, lower, upper }, p };
}

/** Who got the images of one truth right: a table a cluster. */
function rightByCluster(
  first: Opinions,
  second: Opinions,
  images: Int32Array,
  truth: 0 | 1,
  known: Known,
): PairedCounts[] {
  const tables: PairedCounts[] = [];
  for (const image of images) {
    const cluster = known.cluster[image] ?? 0;
    const table = tables[cluster] ?? { both: 0, firstOnly: 0, secondOnly: 0, neither: 0 };
    tables[cluster] = table;
    const [a, b] = [first.calls[image] === truth, second.calls[image] === truth];
    table[a ? (b ? "both" : "firstOnly") : b ? "secondOnly" : "neither"]++;
  }
  // Without the numbers of clusters that have no such image.
  return tables.filter(() => true);
}

/** Every reader's opinions of a condition and, one occasion later, of the one that repeats it. */
function repetitions(
  opinions: readonly ReaderOpinions[],
  repeats: ReadonlyMap<string, string>,
): [ReaderOpinions, ReaderOpinions][] {
  return opinions.flatMap((again): [ReaderOpinions, ReaderOpinions][] => {
    const first = opinions.find(
      ({ reader, condition, occasion }) =>
        reader === again.reader && condition === repeats.get(again.condition) && occasion === again.occasion - 1,
    );
    return first ? [[first, again]] : [];
  });
}

/** Of calls alone: what was not evaluable agrees with nothing, however the plan counts it. */
const ownCalls = ({ calls, notEvaluable }: ReaderOpinions): Float64Array =>
  calls.map((call, image) => (notEvaluable[image] === 1 ? Number.NaN : call));

function agreementOf(first: ReaderOpinions, second: ReaderOpinions, known: Known): Agreement {
  const [own, other] = [ownCalls(first), ownCalls(second)];
  const common = imagesIn(known, own, other);
  return {
    readers: [first.reader, second.reader],
    condition: first.condition,
    ...clusteredKappa({
      first: valuesOf(own, common),
      second: valuesOf(other, common),
      cluster: listed(common, known).cluster,
      method: clusteredBy("patient", by("kappa_jackknife")),
      ac1Method: clusteredBy("patient", by("ac1_jackknife")),
    }),
    weightedLinear: weightedOf(first, second, known, "linear"),
    weightedQuadratic: weightedOf(first, second, known, "quadratic"),
  };
}

/** Of ratings on the scale of the protocol; ranks by confidence are no measurement of the same thing. */
function weightedOf(first: Opinions, second: Opinions, known: Known, weights: DistanceWeights): Estimate {
  const method = clusteredBy("patient", by("weighted_kappa", { weights }));
  if (first.ratedBy !== "rating" || second.ratedBy !== "rating")
    return notEstimable({ reason: because("not_both_rated"), method, n: 0 });
  const common = imagesIn(known, first.ratings, second.ratings);
  return clusteredWeightedKappa({
    first: valuesOf(first.ratings, common),
    second: valuesOf(second.ratings, common),
    cluster: listed(common, known).cluster,
    weights,
    method,
  });
}

/** Fewest readers of whom more is to be said together than two by two. */
const fewestTogether = 3;

function jointAgreements(readers: readonly ReaderOpinions[], known: Known): JointAgreement[] {
  const conditions = [...new Set(readers.map(({ condition }) => condition))];
  return conditions.flatMap((condition): JointAgreement[] => {
    const own = readers.filter((party) => party.condition === condition);
    if (own.length < fewestTogether) return [];
    const calls = own.map(ownCalls);
    const common = imagesIn(known, ...calls);
    const positive = (image: number) => calls.filter((each) => each[image] === 1).length;
    const { n, observed, kappa } = fleissKappa({
      counts: Array.from(common, (image) => [positive(image), own.length - positive(image)]),
      cluster: listed(common, known).cluster,
      tail: "two-sided",
      method: clusteredBy("patient", by("fleiss_kappa", { what: "cluster" })),
    });
    return [{ condition, readers: own.map(({ reader }) => reader), n, observed, kappa }];
  });
}
