import type { Said } from "../../words";
import { normalTwoSidedP, studentQuantile, studentTwoSidedP, z95 } from "../distributions";
import { because, by, type Direction, type Estimate, notEstimable, withoutInterval } from "../types";
import { free, type Moments, type Reads, readerMoments, type TestOfReaders } from "./reader-moments";

export interface ReaderAveragedSpread {
  /** The area, or the difference of two; the t interval with `df` is not clipped. */
  area: Estimate;
  /** The unbiased one may be negative. Null when not estimable. */
  variance: number | null;
  /** Null without a positive variance, with too few readers or images, or where no single source has any variance. */
  df: number | null;
}

export interface ReaderAveragedTest extends ReaderAveragedSpread {
  /** Two-sided, normal. */
  pNormal: number | null;
  /** Two-sided, t with `df`; normal above 50. */
  pStudent: number | null;
}

export interface ReaderAveragedAuc {
  unbiased: ReaderAveragedSpread;
  mle: ReaderAveragedSpread;
  /** M1..M8, each null where the design has no such pair of reads. */
  moments: { unbiased: (number | null)[]; mle: (number | null)[] };
}

export interface ReaderAveragedComparison {
  first: ReaderAveragedAuc;
  second: ReaderAveragedAuc;
  /** First less second. */
  difference: { unbiased: ReaderAveragedTest; mle: ReaderAveragedTest };
}

/**
 * Reader-averaged area under the ROC curve with its variance over random readers and random images, by U-statistics.
 *
 * A = sum of s / number of (reader, positive, negative) triples that were read, s = 1, 1/2, 0 for a positive above,
 * level with, below the negative: a reader weighs by his number of pairs. `unbiased`: variance = A^2 - M8; `mle`
 * (V-statistic, the ideal bootstrap): sum c_k m_k - m8. M1..M8 are the means of s s' over two triples that share
 * reader, positive and negative; reader and positive; reader and negative; reader only; both images; positive only;
 * negative only; nothing else. m1..m8 are those that share at least these; c_k is the share of pairs that count in M_k.
 * Gallas BD. Acad Radiol 2006;13:353-362; designs that are not fully crossed: Gallas BD, Bandos A, Samuelson FW,
 * Wagner RF. Commun Stat Theory Methods 2009;38:2586-2603.
 *
 * Degrees of freedom: Obuchowski NA, Gallas BD, Hillis SL. Acad Radiol 2012;19:1508-1517, as in the R package iMRMC
 * 2.1.2: variance^2 over the sum of (component of readers, positives, negatives; eq. 19 of Gallas 2009, from the MLE
 * moments)^2 / df^3, not less than the least of the three df. The interval takes df rounded down, and the normal
 * distribution above 50.
 *
 * Readers, and images, are independent draws. Ties count 1/2. No reader with both classes: not estimable. One reader,
 * one positive or one negative: no variance. A negative or zero variance: no interval.
 * @example readerAveragedAuc({ truth: [0, 0, 1, 1], readers: [[1, 2, 2, 3], [1, 3, 2, 4]], direction: "higher" })
 * @throws StatsError when there is no reader, lengths differ, truth is not 0/1 with both classes, or a score is not
 * finite
 */
export function readerAveragedAuc(input: {
  truth: ArrayLike<number>;
  readers: readonly Reads[];
  direction: Direction;
}): ReaderAveragedAuc {
  const { truth, readers, direction } = input;
  const { first, own } = readerMoments({
    truth,
    first: readers,
    second: readers,
    direction,
    cluster: eachAlone(truth),
  });
  return describe(first, covariance(own, first, first), truth.length);
}

/**
 * Difference of two reader-averaged areas on the same images: variance1 + variance2 - 2 covariance, each by the moments
 * of `readerAveragedAuc`; the df take the smaller of each pair. A reader has the same place in both lists; one who did
 * only one of the tests has nulls in the other. The unbiased variance of a small difference is often negative: then
 * there is no test. Two tests with the same rankings: no test. Assumptions and edge cases as in `readerAveragedAuc`.
 * @example compareReaderAveragedAuc({ truth, first, second, direction: "higher" }).difference.unbiased.pStudent
 * @throws StatsError as `readerAveragedAuc`, and when one list has more readers
 */
export function compareReaderAveragedAuc(input: {
  truth: ArrayLike<number>;
  first: readonly Reads[];
  second: readonly Reads[];
  direction: Direction;
}): ReaderAveragedComparison {
  const { truth } = input;
  const moments = readerMoments({ ...input, cluster: eachAlone(truth) });
  const [a, b] = [moments.first, moments.second];
  const own = covariance(moments.own, a, a);
  const other = covariance(moments.other, b, b);
  const shared = covariance(moments.shared, a, b);
  const estimate = a.auc === null || b.auc === null ? null : a.auc - b.auc;
  const contrast = (of: (from: Covariance) => number) => of(own) + of(other) - 2 * of(shared);
  const estimable = own.estimable && other.estimable && shared.estimable;
  const sources = sourcesOfContrast(own, other, shared);
  const test = (variance: number, estimator: "unbiased" | "mle") =>
    testOf({
      estimate,
      variance: estimable ? variance : null,
      sources,
      method: by("reader_averaged_difference", { estimator }),
      n: truth.length,
    });
  return {
    first: describe(a, own, truth.length),
    second: describe(b, other, truth.length),
    difference: {
      unbiased: test(
        contrast(({ unbiased }) => unbiased),
        "unbiased",
      ),
      mle: test(
        contrast(({ mle }) => mle),
        "mle",
      ),
    },
  };
}

/** Below this a variance of areas is rounding error. */
const rounding = 1e-15;

/** Every image a cluster of its own. */
const eachAlone = (truth: ArrayLike<number>) => Array.from(truth, (_, image) => image);

export interface Sources {
  /** Of readers, positives and negatives alone; 0 where the two tests share none. */
  components: number[];
  df: number[];
}

/** Of two reader-averaged areas, over random readers and random clusters of images. */
export interface Covariance extends Sources {
  unbiased: number;
  mle: number;
  moments: ReaderAveragedAuc["moments"];
  /** Whether there are two triples that share nothing. */
  estimable: boolean;
}

export function covariance({ won, read }: Moments, a: TestOfReaders, b: TestOfReaders): Covariance {
  const ratios = (x: Float64Array, y: Float64Array) => Array.from(x, (sum, k) => (y[k] ? sum / y[k] : null));
  const moments = { unbiased: ratios(won.exactly, read.exactly), mle: ratios(won.atLeast, read.atLeast) };
  const all = read.atLeast[free.all] ?? 0;
  const above = moments.mle.map((moment) => (moment ?? 0) - (moments.mle[free.all] ?? 0));
  const sources = [free.readerOnly, free.positiveOnly, free.negativeOnly];
  const pairs = (k: number) => read.atLeast[k] ?? 0;
  return {
    unbiased: (a.auc ?? 0) * (b.auc ?? 0) - (moments.unbiased[free.all] ?? 0),
    mle: above.reduce((sum, value, k) => sum + value * (read.exactly[k] ?? 0), 0) / (all || 1),
    moments,
    components: sources.map((k) => (pairs(k) ? (above[k] ?? 0) : 0)),
    df: sources.map((k) => (pairs(k) ? Math.round(all / pairs(k) - 1) : 0)),
    estimable: moments.unbiased[free.all] !== null,
  };
}

/** Of a difference, from its two tests and what they share. */
export const sourcesOfContrast = (own: Sources, other: Sources, shared: Sources): Sources => ({
  components: own.components.map(
    (component, k) => component + (other.components[k] ?? 0) - 2 * (shared.components[k] ?? 0),
  ),
  df: own.df.map((value, k) => Math.min(value, other.df[k] ?? 0)),
});

function describe({ auc }: TestOfReaders, found: Covariance, images: number): ReaderAveragedAuc {
  const spread = (variance: number, estimator: "unbiased" | "mle"): ReaderAveragedSpread => {
    const {
      area,
      variance: shown,
      df,
    } = testOf({
      estimate: auc,
      variance: found.estimable ? variance : null,
      sources: found,
      method: by("reader_averaged_auc", { estimator }),
      n: images,
    });
    return { area, variance: shown, df };
  };
  return {
    unbiased: spread(found.unbiased, "unbiased"),
    mle: spread(found.mle, "mle"),
    moments: found.moments,
  };
}

function testOf(given: {
  estimate: number | null;
  variance: number | null;
  sources: Sources;
  method: Said;
  n: number;
}): ReaderAveragedTest {
  const { estimate, variance, sources, method, n } = given;
  const untested = { df: null, pNormal: null, pStudent: null };
  if (estimate === null) {
    const reason = because("no_reader_scored");
    return { area: notEstimable({ reason, method, n }), variance: null, ...untested };
  }
  const without = (caution: Said) => withoutInterval({ estimate, method, n, caution });
  if (variance === null) {
    const caution = because("two_readers");
    return { area: without(caution), variance, ...untested };
  }
  if (Math.abs(variance) < rounding)
    return { area: without(because("variance_zero_untested")), variance: 0, ...untested };
  if (variance < 0) {
    const caution = because("variance_negative");
    return { area: without(caution), variance, ...untested };
  }
  const standardError = Math.sqrt(variance);
  const statistic = estimate / standardError;
  const pNormal = normalTwoSidedP(statistic);
  if (Math.min(...sources.df) < 1) {
    const area = without(because("too_few_in_common"));
    return { area, variance, df: null, pNormal, pStudent: null };
  }
  const df = dfOf(variance, sources);
  const whole = df === null || df > 50 ? null : Math.floor(df);
  const half = (whole === null ? z95 : studentQuantile(0.975, whole)) * standardError;
  return {
    area: { estimate, lower: estimate - half, upper: estimate + half, method, n },
    variance,
    df,
    pNormal,
    pStudent: whole === null ? pNormal : studentTwoSidedP(statistic, whole),
  };
}

/** Satterthwaite's, as in iMRMC 2.1.2; null where no single source has any variance. */
export function dfOf(variance: number, { components, df }: Sources): number | null {
  const spread = components.reduce((sum, value, k) => sum + value ** 2 / (df[k] ?? 0) ** 3, 0);
  return spread === 0 ? null : Math.max(Math.min(...df), variance ** 2 / spread);
}
