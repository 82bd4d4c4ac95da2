import { fewClusters, numberClusters } from "@/core/stats/clustered/clusters";
import { averageOfReaders } from "@/core/stats/readers/average-of-readers";
import { networkAgainstReaders } from "@/core/stats/readers/network-against-readers";
import { obuchowskiRockette } from "@/core/stats/readers/obuchowski-rockette";
import type { Reads } from "@/core/stats/readers/reader-moments";
import { compareReaderAveragedAuc, type ReaderAveragedSpread } from "@/core/stats/readers/u-statistics";
import { pairedDeLong } from "@/core/stats/roc/delong";
import type { Limits } from "@/core/stats/types";
import { type ClusteredReadersModel, drawClusteredReaders } from "./clustered-readers";
import { drawRoeMetz, type RoeMetzModel, type RoeMetzSample } from "./roe-metz";
import { type Claim, limitsOf, type Outcome } from "./simulate";

const direction = "higher" as const;
const tail = "two-sided" as const;
const differenceOfTests = "Roe-Metz: difference of two tests";
const oneTest = "Roe-Metz: area of one test";

/** Every interval of one Roe-Metz study. */
export function roeMetzIntervals(model: RoeMetzModel): (random: () => number) => Outcome[] {
  return (random) => {
    const sample = drawRoeMetz(model, random);
    return [
      ...obuchowskiRocketteOf(sample),
      ...uStatistics(sample),
      ...onAllReads(sample, random),
      ...pooled(sample),
      ...network(sample),
    ];
  };
}

function obuchowskiRocketteOf({ truth, scores, truths }: RoeMetzSample): Outcome[] {
  const result = obuchowskiRockette({ truth, scores, direction, metric: "auc", covariance: { kind: "delong" } });
  const { randomReadersRandomCases: rrrc, fixedReadersRandomCases: frrc, randomReadersFixedCases: rrfc } = result;
  const { population, ofTheseReaders, onTheseCases } = truths;
  const isFew = result.caution !== undefined;
  const [random, fixed, cases] = [rrrc, frrc, rrfc].map(({ differences }) => differences[0]);
  return [
    found(
      differenceOfTests,
      "Obuchowski-Rockette, random readers and cases",
      "yes",
      population.difference,
      random,
      isFew,
    ),
    found(differenceOfTests, "Obuchowski-Rockette, fixed readers", "yes", ofTheseReaders.difference, fixed),
    found(differenceOfTests, "Obuchowski-Rockette, fixed cases", "variant", onTheseCases.difference, cases),
    found(differenceOfTests, "fixed readers, read as of all readers", "naive", population.difference, fixed),
    found(oneTest, "Obuchowski-Rockette, random readers and cases", "variant", population.area, rrrc.single[0]),
    found(oneTest, "Obuchowski-Rockette, fixed readers", "variant", ofTheseReaders.area, frrc.single[0]),
  ];
}

function uStatistics({ truth, scores: [first = [], second = []], truths }: RoeMetzSample): Outcome[] {
  const result = compareReaderAveragedAuc({ truth, first, second, direction });
  const of = (table: string, name: string, target: number, { area }: ReaderAveragedSpread): Outcome => {
    const about = { table, method: `U-statistics, ${name}`, claim: "variant" as const };
    return { ...about, truth: target, estimate: area.estimate, limits: limitsOf(area) };
  };
  const { area, difference } = truths.population;
  return [
    of(differenceOfTests, "unbiased", difference, result.difference.unbiased),
    of(differenceOfTests, "MLE", difference, result.difference.mle),
    of(oneTest, "unbiased", area, result.first.unbiased),
    of(oneTest, "MLE", area, result.first.mle),
  ];
}

/** Averages over readers on all reads: with every read, with a tenth missing, and with half of the cases for every other reader. */
function onAllReads(
  { truth, scores: [first = [], second = []], truths }: RoeMetzSample,
  random: () => number,
): Outcome[] {
  const cluster = Array.from(truth, (_, i) => i);
  const designs: [name: string, isRead: (reader: number, image: number) => boolean][] = [
    ["all reads", () => true],
    ["a tenth missing", () => random() >= 0.1],
    ["split plot", (reader, image) => reader % 2 === image % 2],
  ];
  return designs.flatMap(([name, isRead]) => {
    const readsOf = (rows: readonly Float64Array[]): Reads[] =>
      rows.map((row, reader) => Array.from(row, (score, image) => (isRead(reader, image) ? score : null)));
    const result = averageOfReaders({ truth, cluster, first: readsOf(first), second: readsOf(second), measure: "auc" });
    const { population, ofTheseReaders } = truths;
    // Below five readers the page has no test of readers like these, and says so.
    const isFew = first.length < 5;
    return [
      found(
        differenceOfTests,
        `on all reads, random readers, ${name}`,
        "yes",
        population.difference,
        result.random,
        isFew,
      ),
      found(differenceOfTests, `on all reads, fixed readers, ${name}`, "yes", ofTheseReaders.difference, result.fixed),
    ];
  });
}

/** Every rating as if it were of a case of its own. */
function pooled({ truth, scores: [first = [], second = []], truths }: RoeMetzSample): Outcome[] {
  const joined = (rows: readonly Float64Array[]) => Float64Array.from(rows.flatMap((row) => [...row]));
  const { difference } = pairedDeLong({
    truth: first.flatMap(() => [...truth]),
    first: joined(first),
    second: joined(second),
    ...{ direction, tail },
  });
  const about = {
    table: differenceOfTests,
    method: "all ratings pooled, paired DeLong",
    claim: "naive" as const,
  };
  return [
    { ...about, truth: truths.population.difference, estimate: difference.estimate, limits: limitsOf(difference) },
  ];
}

function network({ truth, scores: [readers = []], network: own, truths }: RoeMetzSample): Outcome[] {
  const covariance = { kind: "delong" } as const;
  const result = networkAgainstReaders({ truth, network: own, readers, direction, tail, metric: "auc", covariance });
  const { population, ofTheseReaders } = truths;
  const isFew = result.caution !== undefined;
  const table = "Roe-Metz: readers less network";
  return [
    found(table, "Hillis, random readers", "yes", population.lessNetwork, result.randomReaders, isFew),
    found(table, "Hillis, fixed readers", "yes", ofTheseReaders.lessNetwork, result.fixedReaders),
    found(table, "fixed readers, read as of all readers", "naive", population.lessNetwork, result.fixedReaders),
  ];
}

/** Readers and network on clustered images: the covariance by patient against that of independent images. */
export function clusteredReadersIntervals(model: ClusteredReadersModel): (random: () => number) => Outcome[] {
  return (random) => {
    const { truth, patient: cluster, threshold, ...sample } = drawClusteredReaders(model, random);
    const { scores, population, ofTheseReaders } = sample;
    const areas = { metric: "auc" } as const;
    const shares = { metric: "sensitivity", threshold } as const;
    const figures = [
      {
        name: "areas",
        of: "area",
        by: "by patient",
        claim: "yes",
        ...areas,
        covariance: { kind: "obuchowski", cluster },
      },
      { name: "areas", of: "area", by: "images independent", claim: "naive", ...areas, covariance: { kind: "delong" } },
      {
        name: "sensitivities",
        of: "sensitivity",
        by: "by patient",
        claim: "yes",
        ...shares,
        covariance: { kind: "cluster", cluster },
      },
      {
        name: "sensitivities",
        of: "sensitivity",
        by: "images independent",
        claim: "naive",
        ...shares,
        covariance: { kind: "binomial" },
      },
    ] as const;
    return figures.flatMap(({ name, of, by, claim, ...figure }): Outcome[] => {
      const result = obuchowskiRockette({ truth, scores, direction, ...figure });
      const [readers = []] = scores;
      const against = networkAgainstReaders({ truth, network: sample.network, readers, direction, tail, ...figure });
      const [random, fixed] = [result.randomReadersRandomCases, result.fixedReadersRandomCases].map(
        ({ differences }) => differences[0],
      );
      const fewPatients = fewClusters(numberClusters(cluster, truth.length).count).caution !== undefined;
      const fewReaders = fewPatients || result.caution !== undefined;
      const conditions = `Readers on clustered images: conditions, ${name}`;
      const lessNetwork = `Readers on clustered images: less network, ${name}`;
      const [ofConditions, ofNetwork] = [`${of}Difference`, `${of}LessNetwork`] as const;
      return [
        found(
          conditions,
          `Obuchowski-Rockette, fixed readers, ${by}`,
          claim,
          ofTheseReaders[ofConditions],
          fixed,
          fewPatients,
        ),
        found(
          conditions,
          `Obuchowski-Rockette, random readers, ${by}`,
          claim,
          population[ofConditions],
          random,
          fewReaders,
        ),
        found(
          lessNetwork,
          `Hillis, fixed readers, ${by}`,
          claim,
          ofTheseReaders[ofNetwork],
          against.fixedReaders,
          fewPatients,
        ),
        found(
          lessNetwork,
          `Hillis, random readers, ${by}`,
          claim,
          population[ofNetwork],
          against.randomReaders,
          fewReaders,
        ),
      ];
    });
  };
}

function found(
  table: string,
  method: string,
  claim: Claim,
  truth: number,
  result: { estimate: number; limits: Limits | null } | null | undefined,
  isCautioned = false,
): Outcome {
  const { estimate = null, limits = null } = result ?? {};
  return { table, method, claim, truth, estimate, limits, isCautioned };
}
