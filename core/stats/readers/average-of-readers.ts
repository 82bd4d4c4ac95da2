import { type Ids, numberClusters } from "../clustered/clusters";
import { StatsError } from "../errors";
import { checkBinary, checkLengths } from "../input";
import { type Reads, readerMoments, type TestOfReaders } from "./reader-moments";
import { dot, less, sum, summed } from "./sums";
import { rounding, type TestedDifference, testedDifference } from "./tested-difference";
import { covariance, dfOf, type Sources, sourcesOfContrast } from "./u-statistics";

export interface AverageOfReaders {
  /** First less second; null when a test has no reader of what the figure needs. */
  estimate: number | null;
  /** Those with reads that count, of either test. */
  readers: number;
  /** Speaks of these very readers; null where a class lies within one cluster. */
  fixed: TestedDifference | null;
  /** Speaks of readers like these; null with one reader. Never surer than `fixed`. Its P needs five readers. */
  random: TestedDifference | null;
}

/** Below this number of readers nothing is tested of readers like these: the spread between readers is hardly known. */
export const fewestReadersForTest = 5;

/**
 * Two tests (conditions, or the network and the readers) averaged over readers, whoever read what: every read counts.
 *
 * The average is won over read pairs (areas), or right over read images (sensitivity and specificity), so that a reader weighs by what was
 * read; readers who all read everything weigh alike. Fixed readers: Obuchowski's variance (Biometrics 1997;53:567-578) of that average, or the
 * ratio estimator's, between clusters, against t on the clusters of the smaller class less one. Random readers: the unbiased variance of
 * Gallas BD et al. (Commun Stat Theory Methods 2009;38:2586-2603) with two reads unlike when neither reader nor cluster is shared, and the
 * degrees of freedom of iMRMC 2.1.2, normal above 50. That estimate can come out below the variance of fixed readers, even below 0: it is
 * then taken as this one, and no interval or P is narrower or smaller than the fixed readers'.
 *
 * Readers, and clusters, are independent draws; reads are missing for no reason that has to do with the image. A reader has the same place
 * in both lists, with nulls where a test was not read; readers of one test only are compared as different readers (nested design).
 * @param input.first scores (area) or calls (0/1) of each reader; a positive call is right where truth is 1
 * @example averageOfReaders({ truth: [0, 0, 1, 1], cluster: [1, 2, 3, 4], first: [[1, 2, 3, 4]], second: [[1, 3, 2, 4]], measure: "auc" }).estimate // 0.25
 * @throws StatsError when there is no reader, one list has more readers, lengths differ, truth is not 0/1 with the classes that are needed,
 * or a score is not finite (a call not 0/1)
 */
export function averageOfReaders(input: {
  truth: ArrayLike<number>;
  cluster: Ids;
  first: readonly Reads[];
  second: readonly Reads[];
  measure: "auc" | "sensitivity" | "specificity";
}): AverageOfReaders {
  const { measure } = input;
  const parts = measure === "auc" ? ofAreas(input) : ofShares(input, measure === "sensitivity" ? 1 : 0);
  const { estimate, readers, clusters, variances, sources } = parts;
  if (estimate === null || variances === null) return { estimate, readers, fixed: null, random: null };
  const test = (variance: number, df: number | null) =>
    testedDifference({ estimate, variance, df, tail: "two-sided", least: rounding * variances.size });
  const fixed = test(variances.fixed, clusters - 1);
  if (readers < 2 || variances.unbiased === null) return { estimate, readers, fixed, random: null };
  const variance = Math.max(variances.unbiased, variances.fixed);
  const df = dfOf(variance, sources);
  const random = test(variance, df === null || df > 50 ? null : Math.floor(df));
  return { estimate, readers, fixed, random: noSurer({ ...random, df }, fixed, readers) };
}

function noSurer(random: TestedDifference, fixed: TestedDifference, readers: number): TestedDifference {
  const width = ({ limits }: TestedDifference) => (limits ? limits[1] - limits[0] : 0);
  const { limits, df } = width(random) < width(fixed) ? fixed : random;
  const p = random.p === null || readers < fewestReadersForTest ? null : Math.max(random.p, fixed.p ?? 0);
  return { ...random, limits, df, p };
}

interface Parts {
  /** Null when a test has no reader of what the figure needs. */
  estimate: number | null;
  readers: number;
  /** Of the smaller class. */
  clusters: number;
  /** Null where a class lies within one cluster. */
  variances: {
    /** Between clusters. */
    fixed: number;
    /** Over readers and clusters; null without two readers. */
    unbiased: number | null;
    /** What those of the two tests add up to. */
    size: number;
  } | null;
  sources: Sources;
}

type Tests = { truth: ArrayLike<number>; cluster: Ids; first: readonly Reads[]; second: readonly Reads[] };

// ---- areas ----------------------------------------------------------------------------------------------------------------

function ofAreas(input: Tests): Parts {
  const { truth } = input;
  const { first, second, own, other, shared } = readerMoments({ ...input, direction: "higher" });
  const [ofFirst, ofSecond, ofBoth] = [
    covariance(own, first, first),
    covariance(other, second, second),
    covariance(shared, first, second),
  ];
  const flags = [first.hasPositive, second.hasPositive, first.hasNegative, second.hasNegative];
  const withPositive = countWhere(flags.slice(0, 2));
  const withNegative = countWhere(flags.slice(2));
  const withEither = countWhere(flags);
  const varianceOf = ({ positives, negatives }: Pick<TestOfReaders, "positives" | "negatives">) =>
    perDf(withPositive) * dot(positives, positives) +
    perDf(withNegative) * dot(negatives, negatives) +
    2 * perDf(withEither) * dot(positives, negatives);
  const clusters = Math.min(withPositive, withNegative);
  const isEstimable = [ofFirst, ofSecond, ofBoth].every(({ estimable }) => estimable);
  return {
    estimate: first.auc === null || second.auc === null ? null : first.auc - second.auc,
    readers: readersWith(input, (reads) =>
      [0, 1].every((wanted) => reads.some((read, i) => read !== null && truth[i] === wanted)),
    ),
    clusters,
    variances:
      clusters < 2
        ? null
        : {
            fixed: varianceOf({
              positives: less(first.positives, second.positives),
              negatives: less(first.negatives, second.negatives),
            }),
            unbiased: isEstimable ? ofFirst.unbiased + ofSecond.unbiased - 2 * ofBoth.unbiased : null,
            size: varianceOf(first) + varianceOf(second),
          },
    sources: sourcesOfContrast(ofFirst, ofSecond, ofBoth),
  };
}

// ---- shares of right calls ------------------------------------------------------------------------------------------------

function ofShares({ truth, cluster, first, second }: Tests, wanted: 0 | 1): Parts {
  checkBinary({ truth });
  checkLengths({ first, second });
  if (first.length === 0) throw new StatsError("empty", "There is no reader; give at least one.");
  const images = Array.from(truth, (_, image) => image).filter((image) => truth[image] === wanted);
  const { of, count } = numberClusters(
    images.map((image) => cluster[image] ?? ""),
    images.length,
  );
  const tables = [first, second].map((readers, side) => {
    const [right, read] = [new Float64Array(readers.length * count), new Float64Array(readers.length * count)];
    for (const [reader, reads] of readers.entries()) {
      checkLengths({ truth, [`${side === 0 ? "first" : "second"}[${reader}]`]: reads });
      for (const [at, image] of images.entries()) {
        const call = reads[image] ?? null;
        if (call === null) continue;
        checkBinary({ call: [call] });
        const cell = reader * count + (of[at] ?? 0);
        read[cell] = (read[cell] ?? 0) + 1;
        if (call === wanted) right[cell] = (right[cell] ?? 0) + 1;
      }
    }
    return shareOf(right, read, count);
  });
  const [a, b] = tables;
  if (!a || !b) throw new StatsError("empty", "There is no test.");
  const [own, other, shared] = [shareCovariance(a, a), shareCovariance(b, b), shareCovariance(a, b)];
  const clusters = countWhere([a.hasRead, b.hasRead]);
  const varianceOf = (above: Float64Array) => perDf(clusters) * dot(above, above);
  const isEstimable = [own, other, shared].every(({ estimable }) => estimable);
  return {
    estimate: a.share === null || b.share === null ? null : a.share - b.share,
    readers: readersWith({ first, second }, (reads) => images.some((image) => (reads[image] ?? null) !== null)),
    clusters,
    variances:
      clusters < 2
        ? null
        : {
            fixed: varianceOf(less(a.above, b.above)),
            unbiased: isEstimable ? own.unbiased + other.unbiased - 2 * shared.unbiased : null,
            size: varianceOf(a.above) + varianceOf(b.above),
          },
    sources: sourcesOfContrast(own, other, shared),
  };
}

/** Right calls of a test, by reader (rows) and cluster. */
interface ShareOfReaders {
  clusters: number;
  right: Float64Array;
  read: Float64Array;
  share: number | null;
  /** For each cluster: by how much its images are right more often than the others, over all reads. */
  above: Float64Array;
  hasRead: Float64Array;
}

function shareOf(right: Float64Array, read: Float64Array, clusters: number): ShareOfReaders {
  const [rightIn, readIn] = [summed(right, clusters), summed(read, clusters)];
  const reads = sum(readIn);
  const share = reads === 0 ? null : sum(rightIn) / reads;
  const above = rightIn.map((value, g) => (value - (share ?? 0) * (readIn[g] ?? 0)) / (reads || 1));
  return { clusters, right, read, share, above, hasRead: readIn.map((n) => (n > 0 ? 1 : 0)) };
}

/** As `covariance` of areas, with two reads unlike when neither reader nor cluster is shared. */
function shareCovariance(a: ShareOfReaders, b: ShareOfReaders): Sources & { unbiased: number; estimable: boolean } {
  const sums = (x: Float64Array, y: Float64Array) => {
    const { clusters } = a;
    const byReader = (cells: Float64Array) =>
      Float64Array.from({ length: cells.length / clusters }, (_, r) =>
        sum(cells.subarray(r * clusters, (r + 1) * clusters)),
      );
    const all = sum(x) * sum(y);
    const reader = dot(byReader(x), byReader(y));
    const cluster = dot(summed(x, clusters), summed(y, clusters));
    return { all, reader, cluster, unlike: all - reader - cluster + dot(x, y) };
  };
  const [right, read] = [sums(a.right, b.right), sums(a.read, b.read)];
  const sources = ["reader", "cluster"] as const;
  return {
    unbiased: (a.share ?? 0) * (b.share ?? 0) - right.unlike / (read.unlike || 1),
    estimable: read.unlike > 0,
    components: sources.map((of) => (read[of] ? right[of] / read[of] - right.all / (read.all || 1) : 0)),
    df: sources.map((of) => (read[of] ? Math.round(read.all / read[of] - 1) : 0)),
  };
}

// ---- sums -----------------------------------------------------------------------------------------------------------------

const perDf = (clusters: number): number => (clusters < 2 ? 0 : clusters / (clusters - 1));

/** Clusters that one of these has. */
const countWhere = (flags: readonly Float64Array[]): number =>
  Array.from(flags[0] ?? [], (_, g) => flags.some((each) => each[g] === 1)).filter(Boolean).length;

const readersWith = (
  { first, second }: Pick<Tests, "first" | "second">,
  counts: (reads: readonly (number | null)[]) => boolean,
): number => first.filter((reads, r) => [reads, second[r] ?? []].some((each) => counts(Array.from(each)))).length;
