import type { Said } from "../../words";
import { fewClusters } from "../clustered/clusters";
import { adjustP } from "../groups/adjust-p";
import type { FigureOfMerit } from "../readers/figures-of-merit";
import { networkAgainstReaders } from "../readers/network-against-readers";
import { obuchowskiRockette, type TestDifference } from "../readers/obuchowski-rockette";
import type { TestedDifference } from "../readers/tested-difference";
import { because, by, type Estimate, type Estimated, notEstimable, withoutInterval } from "../types";
import {
  clusteredBy,
  imagesIn,
  isRated,
  type Known,
  listed,
  type Opinions,
  type ReaderOpinions,
  valuesOf,
} from "./opinions";

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
  measure: "sensitivity" | "specificity" | "auc";
  /** Images that all of them have: the positive ones for sensitivity, the negative ones for specificity, all for the AUC. */
  n: number;
  /** Speaks of these very readers. */
  fixed: AverageTest & { pHolm: number | null };
  /** Speaks of readers like these; null for the network against one reader. */
  random: AverageTest | null;
}

const measures = ["sensitivity", "specificity", "auc"] as const;
type Measure = (typeof measures)[number];

/**
 * What holds on average over the readers: Obuchowski-Rockette between conditions (readers who read in both), Hillis 2007 for the network
 * against the readers of a condition. Only images that all of them have count; areas only where all have ratings. Clustered by patient.
 * Holm's adjustment over the fixed-reader tests of this list.
 * @param kinds which families are tested: "condition", "network"
 */
export function readerAverages(
  readers: readonly ReaderOpinions[],
  scored: Opinions | null,
  known: Known,
  kinds: readonly string[],
): ReaderAverage[] {
  const conditions = [...new Set(readers.map(({ condition }) => condition))].sort();
  const within = (condition: string) => readers.filter((reader) => reader.condition === condition);
  const between = (kinds.includes("condition") ? conditions : []).flatMap((first, i) =>
    conditions.slice(i + 1).flatMap((second) => {
      const [a, b] = [within(first), within(second)].map((own, side) =>
        own.filter(({ reader }) => within(side === 0 ? second : first).some((other) => other.reader === reader)),
      );
      return a && b && a.length > 1 ? betweenConditions(a, b, known) : [];
    }),
  );
  const against =
    scored && kinds.includes("network")
      ? conditions.flatMap((condition) => againstNetwork(scored, condition, within(condition), known))
      : [];
  const averages = [...between, ...against];
  const holm = adjustP(
    averages.map(({ fixed }) => fixed.p),
    "holm",
  );
  return averages.map((each, i) => ({ ...each, fixed: { ...each.fixed, pHolm: holm[i] ?? null } }));
}

type Unadjusted = Omit<ReaderAverage, "fixed"> & { fixed: AverageTest };

function betweenConditions(first: readonly ReaderOpinions[], second: readonly ReaderOpinions[], known: Known) {
  const parties = [...first, ...second];
  return eachMeasure(parties, known, (measure, sample): Unadjusted => {
    const scores = [first, second].map((row) => row.map((party) => sample.scoreOf(party)));
    const about = {
      kind: "condition" as const,
      first: first[0]?.condition ?? "",
      second: second[0]?.condition ?? "",
      readers: first.map(({ reader }) => reader),
      measure,
      n: sample.n,
    };
    const [fixedMethod, randomMethod] = methodsOf("Obuchowski-Rockette");
    if (sample.reason) return { ...about, ...notTested(sample.reason, fixedMethod, sample.n) };
    const result = obuchowskiRockette({ truth: sample.truth, scores, direction: "higher", ...sample.figure });
    const fixed = result.fixedReadersRandomCases.differences[0];
    const random = result.randomReadersRandomCases.differences[0];
    const caution = result.caution ?? sample.caution;
    return {
      ...about,
      fixed: writtenTest(fixed, fixedMethod, sample.n, sample.caution),
      random: writtenTest(random, randomMethod, sample.n, caution),
    };
  });
}

function againstNetwork(scored: Opinions, condition: string, readers: readonly ReaderOpinions[], known: Known) {
  return eachMeasure([scored, ...readers], known, (measure, sample): Unadjusted => {
    const about = {
      kind: "network" as const,
      first: null,
      second: condition,
      readers: readers.map(({ reader }) => reader),
      measure,
      n: sample.n,
    };
    const [fixedMethod, randomMethod] = methodsOf("Hillis 2007, 5.3");
    if (sample.reason) return { ...about, ...notTested(sample.reason, fixedMethod, sample.n) };
    const result = networkAgainstReaders({
      truth: sample.truth,
      network: sample.scoreOf(scored),
      readers: readers.map((party) => sample.scoreOf(party)),
      direction: "higher",
      tail: "two-sided",
      ...sample.figure,
    });
    // The method speaks of reader less network, the page of network less reader.
    const turned = ({ estimate, limits, df, p }: TestedDifference) => ({
      estimate: -estimate,
      limits: limits && ([-limits[1], -limits[0]] satisfies [number, number]),
      df,
      p,
    });
    const { fixedReaders, randomReaders, caution = sample.caution } = result;
    return {
      ...about,
      fixed: writtenTest(turned(fixedReaders), fixedMethod, sample.n, sample.caution),
      random: randomReaders && writtenTest(turned(randomReaders), randomMethod, sample.n, caution),
    };
  });
}

interface Sample {
  truth: number[];
  /** Images behind the measure. */
  n: number;
  figure: FigureOfMerit;
  scoreOf: (party: Opinions) => number[];
  /** Why there is no test. */
  reason: Said | null;
  /** Of too few patients. */
  caution: Said | null;
}

function eachMeasure(
  parties: readonly Opinions[],
  known: Known,
  of: (measure: Measure, sample: Sample) => Unadjusted,
): Unadjusted[] {
  const images = imagesIn(known, ...parties.map(({ calls }) => calls));
  const { truth, cluster } = listed(images, known);
  const clustersOf = (wanted: number) => new Set(cluster.filter((_, i) => truth[i] === wanted)).size;
  const possible = parties.every(isRated) ? measures : measures.filter((measure) => measure !== "auc");
  return possible.map((measure) => {
    const wanted = measure === "sensitivity" ? [1] : measure === "specificity" ? [0] : [0, 1];
    const short = wanted.find((value) => clustersOf(value) < 2);
    return of(measure, {
      truth,
      n: truth.filter((value) => wanted.includes(value)).length,
      figure:
        measure === "auc"
          ? { metric: measure, covariance: { kind: "obuchowski", cluster } }
          : { metric: measure, threshold: 1, covariance: { kind: "cluster", cluster } },
      scoreOf: ({ calls, ratings }) => valuesOf(measure === "auc" ? ratings : calls, images),
      caution: fewClusters(new Set(cluster).size).caution ?? null,
      reason:
        short === undefined ? null : because("few_patients_of_class", { truth: short === 1 ? "positive" : "negative" }),
    });
  });
}

/** @param source whose tests they are, as papers cite them */
const methodsOf = (source: string): [fixed: Said, random: Said] => [
  clusteredBy("patient", by("reader_average", { source, readers: "fixed" })),
  clusteredBy("patient", by("reader_average", { source, readers: "random" })),
];

const notTested = (reason: Said, method: Said, n: number) => ({
  fixed: { difference: notEstimable({ reason, method, n }), df: null, p: null },
  random: null,
});

function writtenTest(
  test: Pick<TestDifference, "estimate" | "limits" | "df" | "p"> | undefined,
  method: Said,
  n: number,
  caution: Said | null,
): AverageTest {
  const { estimate = 0, limits = null, df = null, p = null } = test ?? {};
  if (!limits) {
    const none = because("difference_no_test");
    return { difference: withoutInterval({ estimate, method, n, caution: none }), df, p };
  }
  const difference: Estimated = { estimate, lower: limits[0], upper: limits[1], method, n };
  return { difference: caution === null ? difference : { ...difference, caution }, df, p };
}
