import type { Said } from "../../words";
import { type ClusteredAuc, clusteredArea, compareClusteredComponents } from "../clustered/clustered-auc";
import { clusteredDifference } from "../clustered/clustered-mcnemar";
import { clusteredProportion } from "../clustered/clustered-proportion";
import { countPairedCalls, type PairedCalls, rightByCluster } from "../clustered/paired-calls";
import { type RocBand, rocBand } from "../clustered/roc-band";
import { type RocPoint, rocPoints } from "../roc/roc-points";
import { because, by, type Estimate, notEstimable, possible, together } from "../types";
import { type Agreement, agreementOf, type JointAgreement, jointAgreements, repetitions, samePairs } from "./agreement";
import { holmByFamily } from "./families";
import { type FlowRow, flowRows } from "./flow";
import { type NetworkAlone, networkAlone } from "./network-alone";
import { type NotEvaluableRow, notEvaluableRows } from "./not-evaluable";
import {
  type ClusterLevel,
  type ComparedImage,
  type ComparedRead,
  type ComparedScore,
  clusteredBy,
  componentsOf,
  countIn,
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
import { onSameImages, type Unit, type UnitRule, type Units, unitsOf } from "./units";
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

/** What a reader has read in a condition of the units (images, unless nodes or patients are counted) of one truth. */
export interface ReadImages {
  reader: string;
  condition: string;
  truth: 0 | 1;
  /** Units of the study with this truth. */
  images: number;
  /** Those of which the reader has read an image. */
  read: number;
  /** Among them, those of which the reader could judge no image, */
  notEvaluable: number;
  /** and those of which the reader could judge some, and not others. */
  partly: number;
  /** Reads with a confidence or rating, which areas need. */
  rated: number;
}

export interface Comparison {
  rows: ComparisonRow[];
  /** What every party said of all units, by truth. */
  flow: FlowRow[];
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
 * Pairs are compared on the images that both have, units of several out of those images alone, or unpaired when there is none; `n` says how many. Estimates count images; every interval and
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
 * @param options.notEvaluable how reads that were not evaluable count (`unitsOf`); left out: not at all
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
  const { notEvaluable = "exclude" } = options;
  const ofImages = knownImages(options.images, "patient");
  const units = unitsOf({ images: options.images, known: ofImages, unit, rule });
  const { known } = units;
  const said = opinionsOfReaders(options.reads, ofImages, options.conditions);
  const first = said.filter(({ occasion }) => occasion === 1);
  const readers = first.map((party) => units.opinionsOf(party, notEvaluable));
  /** Without calls for what was not evaluable. */
  const asGiven = said.map((party) => units.opinionsOf(party));
  const scored =
    scores && scores.length > 0 ? units.opinionsOf(opinionsOfNetwork(scores, options.threshold, ofImages)) : null;
  const parties = scored ? [...readers, scored] : readers;
  const compared = pairs(readers, scored).filter(({ kind }) => options.comparisons.includes(kind));
  const firstGiven = asGiven.filter(({ occasion }) => occasion === 1);
  const agreeing = samePairs(firstGiven);
  const repeated = repetitions(asGiven, options.repeats);
  const total = compared.length + agreeing.length + repeated.length + 3 * parties.length + 2;
  let done = 0;
  const counted = <T>(value: T): T => {
    options.onProgress?.(++done, total);
    return value;
  };
  const tested = compared.map((pair) => {
    const [first = pair.first, second = pair.second] = units.outOfSameImages([pair.first, pair.second], "sensitivity");
    const calls = countPairedCalls({ ...known, first: first.calls, second: second.calls });
    return counted({
      comparisons: compare(pair, calls, units),
      secondary: secondaryTests({ ...pair, first, second }, calls, known),
    });
  });
  const comparisons = tested.flatMap((pair) => pair.comparisons);
  const families = options.families ?? [options.comparisons];
  const adjusted = holmByFamily(comparisons, families);
  const averages = counted(readerAverages(readers, scored, units, options.comparisons, options.conditions, families));
  return {
    rows: parties.map((party) => counted(rowOf(party, known, "patient", unit))),
    flow: parties.flatMap((party) => flowRows(party, known)),
    reads: readers.flatMap((party) => readImages(party, known)),
    agreement: [
      ...agreeing.map(([first, second]) => counted(agreementOf("readers", first, second, units))),
      ...repeated.map(({ kind, first, again }) => counted(agreementOf(kind, first, again, units))),
    ],
    jointAgreement: jointAgreements(firstGiven, units),
    notEvaluable: first.flatMap((party) => notEvaluableRows(party, units, notEvaluable)),
    secondary: tested.flatMap((pair) => pair.secondary),
    comparisons: comparisons.map((comparison, i) => ({ ...comparison, pHolm: adjusted[i] ?? null })),
    averages,
    network: counted(scored && networkAlone(scored, readers, units, options.random)),
    otherClusterings: finerThan(unit).map((level) => {
      const clustered = { ...known, ...units.clustersAt(level) };
      const rows = parties.map((party) => counted(rowOf(party, clustered, level, unit)));
      return { level, clusters: clustered.clusters, rows };
    }),
    subgroups: factors.flatMap(({ key, levels }) => {
      const factor = { key, levels, of: units.groupOf(key) };
      return contrastsOf(averages, readers, scored, units).flatMap(({ measure, ...contrast }) =>
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
function contrastsOf(
  averages: readonly ReaderAverage[],
  readers: readonly ReaderOpinions[],
  scored: Opinions | null,
  units: Units,
) {
  return averages.flatMap(({ kind, first, second, measure, readers: names }) => {
    const pairs = names.flatMap((name): [Opinions, Opinions][] => {
      const inCondition = (condition: string | null) =>
        condition === null
          ? scored
          : readers.find((reader) => reader.reader === name && reader.condition === condition);
      const [a, b] = [inCondition(first), inCondition(second)];
      if (!a || !b) return [];
      return [kind === "network" ? onSameImages(a, b, measure, units) : [a, b]];
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

function readImages(party: ReaderOpinions, known: Known): ReadImages[] {
  const { reader, condition, calls, ratings, notEvaluable, partly } = party;
  return ([1, 0] as const).map((truth) => {
    const count = (of: Float64Array) => countIn(known, [truth], of);
    const images = known.truth.filter((each) => each === truth).length;
    return {
      ...{ reader, condition, truth, images },
      ...{
        read: imagesInAny(known, [truth], calls, notEvaluable).length,
        notEvaluable: count(notEvaluable),
        partly: count(partly),
        rated: count(ratings),
      },
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

/** @param calls those of the two out of the same images, counted by patient */
function compare(
  { kind, condition, first, second }: Pair,
  calls: PairedCalls,
  units: Units,
): Omit<PairedComparison, "pHolm">[] {
  const { known } = units;
  const about = { kind, first: partyOf(first), second: partyOf(second), condition };
  const onCalls = (["sensitivity", "specificity"] as const).map((measure) => {
    const truth = measure === "sensitivity" ? 1 : 0;
    const tables = rightByCluster(calls, [truth]);
    const apart = tables.length === 0 ? unpaired(first, second, measure, known) : null;
    if (apart) return { ...about, measure, ...apart };
    const method = clusteredBy("patient", by("paired_shares"));
    const { difference, p } = clusteredDifference(tables, { method });
    const { n } = difference;
    const few = fewInCommon(first.calls, second.calls, n, [truth], known);
    return { ...about, measure, n, difference: carefully(difference, few), method, p };
  });
  if (!isRated(first) || !isRated(second)) return onCalls;
  const [one = first, other = second] = units.outOfSameImages([first, second], "auc");
  const { n, difference: found, p } = differenceOfAreas(one, other, known);
  const apart = n === 0 ? unpaired(first, second, "auc", known) : null;
  if (apart) return [...onCalls, { ...about, measure: "auc", ...apart }];
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
  const fewer = Math.min(countIn(known, classes, first), countIn(known, classes, second));
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
