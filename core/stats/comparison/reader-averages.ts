import { naturalOrder } from "../../text/natural-order";
import type { Said } from "../../words";
import { clustersOfClass, fewClusters } from "../clustered/clusters";
import { averageOfReaders, fewestReadersForTest } from "../readers/average-of-readers";
import type { FigureOfMerit } from "../readers/figures-of-merit";
import { networkAgainstReaders } from "../readers/network-against-readers";
import { obuchowskiRockette } from "../readers/obuchowski-rockette";
import type { TestedDifference } from "../readers/tested-difference";
import {
  because,
  by,
  type Estimate,
  type Estimated,
  type Limits,
  notEstimable,
  possible,
  together,
  withoutInterval,
} from "../types";
import { holmByFamily } from "./families";
import {
  classesOf,
  clusteredBy,
  countOf,
  imagesIn,
  imagesInAny,
  isRated,
  type Known,
  listed,
  type Measure,
  type Opinions,
  opinionsFor,
  type ReaderOpinions,
  readsOf,
  valuesOf,
} from "./opinions";
import { onSameImages, type Units } from "./units";

/** One test of an average over readers; the difference is first less second. */
export interface AverageTest {
  difference: Estimate;
  /** Of t; null where the normal distribution is taken. */
  df: number | null;
  /** Two-sided. */
  p: number | null;
}

/** Two conditions averaged over the readers, or the network less the readers' average in one condition. */
export interface ReaderAverage {
  kind: "condition" | "network";
  /** The first condition, or null for the network. */
  first: string | null;
  second: string;
  readers: string[];
  measure: Measure;
  /** Images that one of the readers has read: the positive ones for sensitivity, the negative ones for specificity, all for the AUC. */
  n: number;
  /** Reads of these images, of the `possible` ones if every reader had read each in every condition of the two. */
  reads: number;
  possible: number;
  /** The average of each of the two on all its reads, whose difference is tested below; null where there is none. */
  averages: readonly [first: number | null, second: number | null];
  /** Speaks of these very readers. */
  fixed: AverageTest & { pHolm: number | null };
  /** Speaks of readers like these; null for the network against one reader. */
  random: AverageTest | null;
  /** Of readers like these by the unbiased variance alone, as iMRMC prints it (`averageOfReaders`); nulls where there is none. */
  unbiased: { variance: number | null; df: number | null; p: number | null };
  /** Readers who took part in one of the two and are not in the average, or gave no rating that an area needs. */
  leftOut: string[];
  /** The same of these readers by Obuchowski and Rockette on the `n` images that all have read; null where that cannot be. */
  complete: { n: number; fixed: AverageTest } | null;
}

const measures: readonly Measure[] = ["sensitivity", "specificity", "auc"];

/**
 * What holds on average over the readers: between conditions, and for the network against the readers of a condition, on all reads
 * (`averageOfReaders`). Beside it the same on the images that all have read: Obuchowski-Rockette, Hillis 2007 for the network. Clustered by
 * patient. Conditions are compared on the readers who read in both; where nobody did, all readers of one against all of
 * the other (nested). Areas count the images that have a rating. Holm's adjustment over the fixed-reader tests of this list.
 * @param kinds which families are tested: "condition", "network"
 * @param order of the conditions, as in the protocol
 * @param families kinds that are adjusted together
 */
export function readerAverages(
  readers: readonly ReaderOpinions[],
  scored: Opinions | null,
  units: Units,
  kinds: readonly string[],
  order: readonly string[],
  families: readonly (readonly string[])[] = [kinds],
): ReaderAverage[] {
  const conditions = [...new Set(readers.map(({ condition }) => condition))].sort(
    (a, b) => order.indexOf(a) - order.indexOf(b) || naturalOrder(a, b),
  );
  const within = (condition: string) => readers.filter((reader) => reader.condition === condition);
  const between = (kinds.includes("condition") ? conditions : []).flatMap((first, i) =>
    conditions.slice(i + 1).flatMap((second) => betweenConditions(within(first), within(second), units)),
  );
  const against =
    scored && kinds.includes("network")
      ? conditions.flatMap((condition) => againstNetwork(scored, condition, within(condition), units))
      : [];
  const averages = [...between, ...against];
  const holm = holmByFamily(
    averages.map(({ kind, fixed }) => ({ kind, p: fixed.p })),
    families,
  );
  return averages.map((each, i) => ({ ...each, fixed: { ...each.fixed, pHolm: holm[i] ?? null } }));
}

type Unadjusted = Omit<ReaderAverage, "fixed"> & { fixed: AverageTest };

function betweenConditions(
  ofFirst: readonly ReaderOpinions[],
  ofSecond: readonly ReaderOpinions[],
  units: Units,
): Unadjusted[] {
  const everybody = [...new Set([...ofFirst, ...ofSecond].map(({ reader }) => reader))].sort(naturalOrder);
  return measures.flatMap((measure): Unadjusted[] => {
    const [first, second] = [ofFirst, ofSecond].map((readers) => answering(readers, measure));
    if (!first || !second) return [];
    const has = (readers: readonly ReaderOpinions[], name: string) => readers.some(({ reader }) => reader === name);
    const inBoth = everybody.filter((name) => has(first, name) && has(second, name));
    const isNested = inBoth.length === 0;
    if (isNested && Math.min(first.length, second.length) < 2) return [];
    const names = isNested ? everybody.filter((name) => has(first, name) || has(second, name)) : inBoth;
    const rows = [first, second].map((readers) =>
      names.map((name) => readers.find(({ reader }) => reader === name) ?? null),
    );
    const [a = [], b = []] = rows;
    return [
      {
        kind: "condition",
        first: ofFirst[0]?.condition ?? "",
        second: ofSecond[0]?.condition ?? "",
        readers: names,
        leftOut: everybody.filter((name) => !names.includes(name)),
        measure,
        ...allReads({ first: a, second: b, countsFirst: true, measure, known: units.known }),
        complete:
          names.length < 2 || isNested
            ? null
            : onComplete([...a, ...b], measure, units, ({ truth, figure, scores }) => ({
                source: "Obuchowski-Rockette",
                fixed: obuchowskiRockette({
                  truth,
                  scores: [scores.slice(0, names.length), scores.slice(names.length)],
                  direction: "higher",
                  ...figure,
                }).fixedReadersRandomCases.differences[0],
              })),
      },
    ];
  });
}

function againstNetwork(
  scored: Opinions,
  condition: string,
  everybody: readonly ReaderOpinions[],
  units: Units,
): Unadjusted[] {
  return measures.flatMap((measure): Unadjusted[] => {
    const readers = answering(everybody, measure);
    if (readers.length === 0) return [];
    // Each reader is held against the network on the images of that reader.
    const pairs = readers.map((party) => onSameImages(scored, party, measure, units));
    const [network, scoredOnly] = [pairs.map(([first]) => first), pairs.map(([, second]) => second)];
    const named = (of: readonly ReaderOpinions[]) => of.map(({ reader }) => reader);
    return [
      {
        kind: "network",
        first: null,
        second: condition,
        readers: named(readers),
        leftOut: named(everybody).filter((name) => !named(readers).includes(name)),
        measure,
        ...allReads({ first: network, second: scoredOnly, countsFirst: false, measure, known: units.known }),
        complete: onComplete(
          [scored, ...readers],
          measure,
          units,
          ({ truth, figure, scores: [network, ...ofReaders] }) => {
            const { fixedReaders } = networkAgainstReaders({
              truth,
              network: network ?? [],
              readers: ofReaders,
              direction: "higher",
              tail: "two-sided",
              ...figure,
            });
            // The method speaks of reader less network, the page of network less reader.
            const limits = fixedReaders.limits && ([-fixedReaders.limits[1], -fixedReaders.limits[0]] satisfies Limits);
            return { source: "Hillis 2007, 5.3", fixed: { ...fixedReaders, estimate: -fixedReaders.estimate, limits } };
          },
        ),
      },
    ];
  });
}

/**
 * The interval of a difference is too narrow where an average is this near to 0 or 1. Of shares with few patients only: three readers, two images a patient, shares of
 * .985 to .995 against .95 to .97 are covered in 92 to 93 % of 1,200 simulated studies with 60 patients, in about 94 to 95 % with 150.
 */
const nearEdge = 0.97;
const enoughNearEdge = 100;

/** The readers with what the measure needs. */
const answering = (readers: readonly ReaderOpinions[], measure: Measure): ReaderOpinions[] =>
  readers.filter((reader) => measure !== "auc" || isRated(reader));

const noVariance = { variance: null, df: null, p: null };

/** The average on every read. Reader by reader: the opinions of the first test, and of the second; null where a reader has none. */
function allReads(about: {
  first: readonly (Opinions | null)[];
  second: readonly (Opinions | null)[];
  /** Whether those of the first test are reads: not those of the network. */
  countsFirst: boolean;
  measure: Measure;
  known: Known;
}): {
  n: number;
  reads: number;
  possible: number;
  averages: ReaderAverage["averages"];
  fixed: AverageTest;
  random: AverageTest | null;
  unbiased: ReaderAverage["unbiased"];
} {
  const { first, second, countsFirst, measure, known } = about;
  const given = (party: Opinions | null) =>
    party ? opinionsFor(measure, party) : new Float64Array(known.truth.length).fill(Number.NaN);
  const [ofFirst, ofSecond] = [first.map(given), second.map(given)];
  const wanted = classesOf(measure);
  const images = imagesInAny(known, wanted, ...ofFirst, ...ofSecond);
  const { truth, cluster } = listed(images, known);
  const counted = countsFirst ? [...ofFirst, ...ofSecond] : ofSecond;
  const reads = counted.reduce((total, values) => total + countOf(valuesOf(values, images)), 0);
  const possibly = counted.filter((values) => countOf(values) > 0).length;
  const counts = { n: images.length, reads, possible: images.length * possibly };
  const method = (readers: "fixed" | "random") =>
    clusteredBy("patient", by("reader_average", { source: "U-statistics", readers }));
  const none = (reason: Said) => ({
    ...counts,
    averages: [null, null] as const,
    fixed: { difference: notEstimable({ reason, method: method("fixed"), n: images.length }), df: null, p: null },
    random: null,
    unbiased: noVariance,
  });
  const short = wanted.find((of) => clustersOfClass(of, truth, cluster) < 2);
  if (short !== undefined)
    return none(because("few_patients_of_class", { truth: short === 1 ? "positive" : "negative" }));
  const table = (rows: readonly Float64Array[]) => rows.map((values) => readsOf(values, images));
  const result = averageOfReaders({ truth, cluster, first: table(ofFirst), second: table(ofSecond), measure });
  if (result.estimate === null) return none(because("no_reader_scored"));
  if (result.fixed === null) return none(because("few_patients_of_test"));
  const isNear =
    (measure === "auc" || result.clusters < enoughNearEdge) &&
    result.averages.some((average) => average !== null && Math.max(average, 1 - average) >= nearEdge);
  const few = together([
    fewClusters(result.clusters).caution,
    isNear ? because(measure === "auc" ? "area_near_edge" : "share_near_edge") : undefined,
  ]);
  const { random, hasTooFewInCommon } = result;
  const readers = Math.round(result.effectiveReaders);
  const untested =
    readers < fewestReadersForTest ? because("few_readers_no_test", { readers: Math.max(1, readers) }) : undefined;
  return {
    ...counts,
    averages: result.averages,
    unbiased: result.unbiased ?? noVariance,
    fixed: writtenTest(result.fixed, method("fixed"), images.length, few),
    random:
      random &&
      writtenTest(
        random,
        method("random"),
        images.length,
        together([few, untested]),
        hasTooFewInCommon ? because("too_few_in_common") : undefined,
      ),
  };
}

interface Sample {
  truth: Uint8Array;
  figure: FigureOfMerit;
  /** Of each party. */
  scores: Float64Array[];
}

/** The average on the images that all have; null where a class is too small. */
function onComplete(
  all: readonly (Opinions | null)[],
  measure: Measure,
  units: Units,
  test: (sample: Sample) => { fixed: TestedDifference | undefined; source: string },
): ReaderAverage["complete"] {
  const { known } = units;
  const parties = units.outOfSameImages(
    all.filter((party) => party !== null),
    measure,
  );
  const opinions = parties.map((party) => opinionsFor(measure, party));
  const images = imagesIn(known, ...opinions);
  const { truth, cluster } = listed(images, known);
  const wanted = classesOf(measure);
  const patients = wanted.map((of) => clustersOfClass(of, truth, cluster));
  if (Math.min(...patients) < 2) return null;
  const { fixed, source } = test({
    truth,
    figure:
      measure === "auc"
        ? { metric: measure, covariance: { kind: "obuchowski", cluster } }
        : { metric: measure, threshold: 1, covariance: { kind: "cluster", cluster } },
    scores: opinions.map((values) => valuesOf(values, images)),
  });
  if (!fixed) return null;
  const n = truth.filter((value) => wanted.some((of) => of === value)).length;
  const method = clusteredBy("patient", by("reader_average", { source, readers: "fixed" }));
  return { n, fixed: writtenTest(fixed, method, n, fewClusters(Math.min(...patients)).caution) };
}

function writtenTest(
  { estimate, limits, df, p }: Pick<TestedDifference, "estimate" | "limits" | "df" | "p">,
  method: Said,
  n: number,
  caution: Said | undefined,
  none: Said = because("difference_no_test"),
): AverageTest {
  if (!limits) {
    return { difference: withoutInterval({ estimate, method, n, caution: none }), df, p };
  }
  const [lower, upper] = possible(limits);
  const difference: Estimated = { estimate, lower, upper, method, n };
  return { difference: caution ? { ...difference, caution } : difference, df, p };
}
