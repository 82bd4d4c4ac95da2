import { type Ids, numberClusters } from "../clustered/clusters";
import { StatsError } from "../errors";
import { fewestReadersForTest } from "../fewest-readers";
import { checkBinary, checkLengths } from "../input";
import { type Reads, readerMoments, type TestOfReaders } from "./reader-moments";
import { dot, less, rowSums, sum, summed } from "./sums";
import { rounding, type TestedDifference, testedDifference } from "./tested-difference";
import { type Covariance, covariance, dfOf, type Sources, sourcesOfContrast } from "./u-statistics";

export interface AverageOfReaders {
  /** First less second; null when a test has no reader of what the figure needs. */
  estimate: number | null;
  /** Of the first and of the second test. */
  averages: readonly [number | null, number | null];
  /** Clusters of the smaller class of the smaller test. */
  clusters: number;
  /** Readers, as many as weigh alike and would say as much; of the test that has fewer. */
  effectiveReaders: number;
  /** Speaks of these very readers; null where a class of a test lies within one cluster. */
  fixed: TestedDifference | null;
  /**
   * Speaks of readers like these; null with one reader. Without interval and P where too few reads are shared for its degrees of freedom. Never surer
   * than `fixed`. Its P needs five readers.
   */
  random: TestedDifference | null;
  /** The same as iMRMC prints it, the variance neither raised to that of `fixed` nor bounded by it; null where there is none, or none above 0. */
  unbiased: UnbiasedTest | null;
  /** Whether that is why `random` has no interval and no P. */
  hasTooFewInCommon: boolean;
}

/** Of readers like these, by the unbiased variance alone. */
export interface UnbiasedTest {
  variance: number;
  /** Of t; iMRMC takes the normal distribution above 50 and whole degrees below. */
  df: number | null;
  /** Two-sided. */
  p: number | null;
}

/**
 * Two tests (conditions, or the network and the readers) averaged over readers, whoever read what: every read counts.
 *
 * The average is won over read pairs (areas), or right over read images (sensitivity and specificity). A reader weighs by what that reader read,
 * and in both tests alike (the mean of the two), so that no difference between readers passes for one between tests; whoever read in one test only is
 * left out, unless all did (nested design). Fixed readers: Obuchowski's variance (Biometrics 1997;53:567-578) of that average, or the
 * ratio estimator's, between clusters, against t on the clusters of the smaller class (of the smaller test) less one; tests without a cluster in common
 * have a variance each, and Satterthwaite's degrees of freedom. Random readers: the unbiased variance of
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
  const { estimate, averages, effectiveReaders, clusters, variances, sources } = parts;
  const about = { estimate, averages, effectiveReaders, clusters, hasTooFewInCommon: false, unbiased: null };
  if (estimate === null || variances === null) return { ...about, fixed: null, random: null };
  const test = (variance: number, df: number | null) =>
    testedDifference({ estimate, variance, df, tail: "two-sided", least: rounding * variances.size });
  const fixed = test(variances.fixed, variances.df);
  if (parts.readers < 2 || variances.unbiased === null) return { ...about, fixed, random: null };
  if (Math.min(...sources.df) < 1) return { ...about, fixed, random: test(0, null), hasTooFewInCommon: true };
  const variance = Math.max(variances.unbiased, variances.fixed);
  const ofVariance = (variance: number) => {
    const df = dfOf(variance, sources);
    return { ...test(variance, df === null || df > 50 ? null : Math.floor(df)), df };
  };
  const random = ofVariance(variance);
  const { df, p } = ofVariance(variances.unbiased);
  const unbiased = variances.unbiased > 0 ? { variance: variances.unbiased, df, p } : null;
  const isTested = Math.round(effectiveReaders) >= fewestReadersForTest;
  return { ...about, fixed, random: noSurer(random, fixed, isTested), unbiased };
}

function noSurer(random: TestedDifference, fixed: TestedDifference, isTested: boolean): TestedDifference {
  const width = ({ limits }: TestedDifference) => (limits ? limits[1] - limits[0] : 0);
  const { limits, df } = width(random) < width(fixed) ? fixed : random;
  const p = random.p === null || !isTested ? null : Math.max(random.p, fixed.p ?? 0);
  return { ...random, limits, df, p };
}

interface Parts {
  /** Null when a test has no reader of what the figure needs. */
  estimate: number | null;
  averages: readonly [number | null, number | null];
  readers: number;
  effectiveReaders: number;
  /** Of the smaller class of the smaller test. */
  clusters: number;
  /** Null where a class of a test lies within one cluster. */
  variances: {
    /** Between clusters. */
    fixed: number;
    df: number;
    /** Over readers and clusters; null without two readers. */
    unbiased: number | null;
    /** What those of the two tests add up to. */
    size: number;
  } | null;
  sources: Sources;
}

/** One of the two tests. */
interface Side {
  /** The average; null when no reader has what the figure needs. */
  average: number | null;
  /** Of its smaller class. */
  clusters: number;
  /** Between these. */
  variance: number;
}

/**
 * First less second. The variances over readers and clusters are those of the first, of the second, and of what they share.
 * @param about.together the variance of the difference, cluster by cluster
 */
function differenceOf(about: {
  sides: readonly [Side, Side];
  together: number;
  shareClusters: boolean;
  covariances: readonly [Unbiased, Unbiased, Unbiased];
}): Pick<Parts, "estimate" | "averages" | "clusters" | "variances" | "sources"> {
  const { sides, together, shareClusters, covariances } = about;
  const [first, second] = sides;
  const [own, other, shared] = covariances;
  const size = first.variance + second.variance;
  const clusters = Math.min(first.clusters, second.clusters);
  const spread = first.variance ** 2 / (first.clusters - 1) + second.variance ** 2 / (second.clusters - 1);
  const satterthwaite = spread === 0 ? clusters - 1 : Math.max(clusters - 1, size ** 2 / spread);
  const isEstimable = covariances.every(({ estimable }) => estimable);
  return {
    estimate: first.average === null || second.average === null ? null : first.average - second.average,
    averages: [first.average, second.average],
    clusters,
    variances:
      clusters < 2
        ? null
        : {
            fixed: shareClusters ? together : size,
            df: shareClusters ? clusters - 1 : satterthwaite,
            unbiased: isEstimable ? own.unbiased + other.unbiased - 2 * shared.unbiased : null,
            size,
          },
    sources: sourcesOfContrast(own, other, shared),
  };
}

type Unbiased = Pick<Covariance, keyof Sources | "unbiased" | "estimable">;

/**
 * What a read of each reader weighs in either test, so that the reader weighs alike in both; 0 for whoever took part in one only, unless all did.
 * @param reads of each reader in the first and in the second test: pairs for areas, images for shares
 */
function weighed(reads: readonly (readonly [number, number])[]) {
  const inBoth = reads.filter(([a, b]) => a > 0 && b > 0);
  const isNested = inBoth.length === 0;
  const weightOf = ([a, b]: readonly [number, number]) => (isNested ? a + b : a > 0 && b > 0 ? (a + b) / 2 : 0);
  const factor = (of: number, weight: number) => (of > 0 ? weight / of : 0);
  const first = reads.map((each) => factor(each[0], weightOf(each)));
  const second = reads.map((each) => factor(each[1], weightOf(each)));
  const effective = (weights: readonly number[]) => {
    const squares = weights.reduce((sum, weight) => sum + weight ** 2, 0);
    return squares === 0 ? 0 : weights.reduce((sum, weight) => sum + weight, 0) ** 2 / squares;
  };
  const sides = isNested ? [reads.map(([a]) => a), reads.map(([, b]) => b)] : [reads.map(weightOf)];
  return {
    weights: [first, second] as const,
    readers: (isNested ? reads.filter(([a, b]) => a + b > 0) : inBoth).length,
    effectiveReaders: Math.min(...sides.map(effective)),
  };
}

type Tests = { truth: ArrayLike<number>; cluster: Ids; first: readonly Reads[]; second: readonly Reads[] };

// ---- areas ----------------------------------------------------------------------------------------------------------------

function ofAreas(input: Tests): Parts {
  const { truth } = input;
  const pairsOf = (reads: Reads) => {
    const counts = [0, 0];
    for (let i = 0; i < reads.length; i++)
      if (reads[i] !== null) counts[truth[i] ?? 0] = (counts[truth[i] ?? 0] ?? 0) + 1;
    return (counts[0] ?? 0) * (counts[1] ?? 0);
  };
  checkLengths({ first: input.first, second: input.second });
  const weighting = weighed(input.first.map((reads, r) => [pairsOf(reads), pairsOf(input.second[r] ?? [])]));
  const { first, second, own, other, shared } = readerMoments({
    ...input,
    direction: "higher",
    weights: weighting.weights,
  });
  const clustersOf = ({ hasPositive, hasNegative }: TestOfReaders) => ({
    positive: sum(hasPositive),
    negative: sum(hasNegative),
    either: sum(eitherOf(hasPositive, hasNegative)),
  });
  const [a, b] = [clustersOf(first), clustersOf(second)];
  const least = {
    positive: Math.min(a.positive, b.positive),
    negative: Math.min(a.negative, b.negative),
    either: Math.min(a.either, b.either),
  };
  const varianceOf = (
    { positives, negatives }: Pick<TestOfReaders, "positives" | "negatives">,
    { positive, negative, either }: typeof least,
  ) =>
    perDf(positive) * dot(positives, positives) +
    perDf(negative) * dot(negatives, negatives) +
    2 * perDf(either) * dot(positives, negatives);
  const sideOf = (test: TestOfReaders, clusters: typeof least): Side => ({
    average: test.auc,
    clusters: Math.min(clusters.positive, clusters.negative),
    variance: varianceOf(test, clusters),
  });
  const inEither = (test: TestOfReaders) => eitherOf(test.hasPositive, test.hasNegative);
  return {
    ...weighting,
    ...differenceOf({
      sides: [sideOf(first, a), sideOf(second, b)],
      together: varianceOf(
        { positives: less(first.positives, second.positives), negatives: less(first.negatives, second.negatives) },
        least,
      ),
      shareClusters: dot(inEither(first), inEither(second)) > 0,
      covariances: [
        covariance(own, first, first),
        covariance(other, second, second),
        covariance(shared, first, second),
      ],
    }),
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
  for (const [name, readers] of Object.entries({ first, second }))
    for (const [reader, reads] of readers.entries()) checkLengths({ truth, [`${name}[${reader}]`]: reads });
  const readBy = (reads: Reads | undefined) => images.filter((image) => (reads?.[image] ?? null) !== null).length;
  const weighting = weighed(first.map((reads, r) => [readBy(reads), readBy(second[r])]));
  const tableOf = (readers: readonly Reads[], weights: readonly number[]) => {
    const [right, read] = [new Float64Array(readers.length * count), new Float64Array(readers.length * count)];
    for (const [reader, reads] of readers.entries()) {
      const weight = weights[reader] ?? 0;
      for (const [at, image] of images.entries()) {
        const call = reads[image] ?? null;
        if (call === null) continue;
        checkBinary({ call: [call] });
        const cell = reader * count + (of[at] ?? 0);
        read[cell] = (read[cell] ?? 0) + weight;
        if (call === wanted) right[cell] = (right[cell] ?? 0) + weight;
      }
    }
    return shareOf(right, read, count);
  };
  const [a, b] = [tableOf(first, weighting.weights[0]), tableOf(second, weighting.weights[1])];
  const varianceOf = (above: Float64Array, clusters: number) => perDf(clusters) * dot(above, above);
  const sideOf = ({ share, above, hasRead }: ShareOfReaders): Side => {
    const clusters = sum(hasRead);
    return { average: share, clusters, variance: varianceOf(above, clusters) };
  };
  return {
    ...weighting,
    ...differenceOf({
      sides: [sideOf(a), sideOf(b)],
      together: varianceOf(less(a.above, b.above), Math.min(sum(a.hasRead), sum(b.hasRead))),
      shareClusters: dot(a.hasRead, b.hasRead) > 0,
      covariances: [shareCovariance(a, a), shareCovariance(b, b), shareCovariance(a, b)],
    }),
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
function shareCovariance(a: ShareOfReaders, b: ShareOfReaders): Unbiased {
  const sums = (x: Float64Array, y: Float64Array) => {
    const { clusters } = a;
    const all = sum(x) * sum(y);
    const reader = dot(rowSums(x, clusters), rowSums(y, clusters));
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

/** Of two lists of 0 and 1. */
const eitherOf = (flags: Float64Array, others: Float64Array): Float64Array =>
  flags.map((flag, g) => Math.max(flag, others[g] ?? 0));
