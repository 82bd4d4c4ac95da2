import type { Said } from "../../words";
import { normalTwoSidedP, studentQuantile, studentTwoSidedP, z95 } from "../distributions";
import { StatsError } from "../errors";
import { checkLengths, splitByTruth } from "../input";
import { because, by, type Direction, type Estimate, notEstimable, withoutInterval } from "../types";

/** The scores of one reader, one an image; null where the image was not read. */
export type Reads = ArrayLike<number | null>;

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
  const study = studyOf(input);
  return describe(study, covariance(study, study));
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
  const { truth, first, second, direction } = input;
  checkLengths({ first, second });
  const a = studyOf({ truth, readers: first, direction, name: "first" });
  const b = studyOf({ truth, readers: second, direction, name: "second" });
  const [own, other, shared] = [covariance(a, a), covariance(b, b), covariance(a, b)];
  const estimate = a.auc === null || b.auc === null ? null : a.auc - b.auc;
  const contrast = (of: (from: Covariance) => number) => of(own) + of(other) - 2 * of(shared);
  const estimable = own.estimable && other.estimable && shared.estimable;
  const sources: Sources = {
    components: own.components.map((_, k) => contrast(({ components }) => components[k] ?? 0)),
    df: own.df.map((value, k) => Math.min(value, other.df[k] ?? 0)),
  };
  const test = (variance: number, estimator: "unbiased" | "mle") =>
    testOf({
      estimate,
      variance: estimable ? variance : null,
      sources,
      method: by("reader_averaged_difference", { estimator }),
      n: a.images,
    });
  return {
    first: describe(a, own),
    second: describe(b, other),
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

type Outcome = (positive: number, negative: number) => number;
const won: Outcome = (positive, negative) => (positive > negative ? 1 : positive === negative ? 0.5 : 0);
const bothRead: Outcome = (positive, negative) => (Number.isNaN(positive) || Number.isNaN(negative) ? 0 : 1);

/** Reader by reader: a higher score is more suspicious, NaN is not read. */
interface Scores {
  readers: number;
  positives: Float64Array;
  negatives: Float64Array;
}

/** An outcome summed over the other class, laid out as the scores. */
interface Margins {
  positives: Float64Array;
  negatives: Float64Array;
  total: number;
}

interface Study {
  images: number;
  scores: Scores;
  won: Margins;
  read: Margins;
  auc: number | null;
}

function studyOf(input: {
  truth: ArrayLike<number>;
  readers: readonly Reads[];
  direction: Direction;
  name?: string;
}): Study {
  const { truth, readers, direction, name = "readers" } = input;
  if (readers.length === 0) throw new StatsError("empty", `${name} is empty; give at least one reader.`);
  const positions = splitByTruth({ truth, score: Array.from(truth, (_, index) => index), direction: "higher" });
  for (const [reader, reads] of readers.entries()) {
    checkLengths({ truth, [`${name}[${reader}]`]: reads });
    for (let i = 0; i < reads.length; i++) {
      if (reads[i] !== null && !Number.isFinite(reads[i]))
        throw new StatsError("not_finite", `${name}[${reader}][${i}] is ${reads[i]}; give null if not read.`, i);
    }
  }
  const sign = direction === "higher" ? 1 : -1;
  const scoresOf = (at: Float64Array) =>
    Float64Array.from(readers.flatMap((reads) => Array.from(at, (i) => sign * (reads[i] ?? Number.NaN))));
  const scores = {
    readers: readers.length,
    positives: scoresOf(positions.positives),
    negatives: scoresOf(positions.negatives),
  };
  const [wins, read] = [marginsOf(scores, won), marginsOf(scores, bothRead)];
  return { images: truth.length, scores, won: wins, read, auc: read.total === 0 ? null : wins.total / read.total };
}

function marginsOf({ readers, positives, negatives }: Scores, outcome: Outcome): Margins {
  const [m, n] = [positives.length / readers, negatives.length / readers];
  const margins = { positives: new Float64Array(readers * m), negatives: new Float64Array(readers * n), total: 0 };
  for (let p = 0; p < readers * m; p++) {
    const score = positives[p] ?? 0;
    const from = Math.floor(p / m) * n;
    let sum = 0;
    for (let q = from; q < from + n; q++) {
      const value = outcome(score, negatives[q] ?? 0);
      sum += value;
      margins.negatives[q] = (margins.negatives[q] ?? 0) + value;
    }
    margins.positives[p] = sum;
    margins.total += sum;
  }
  return margins;
}

/** Where the two triples may differ: bit 0 the negative, bit 1 the positive, bit 2 the reader. M1..M8 are 0..7. */
const free = { readerOnly: 0b011, positiveOnly: 0b101, negativeOnly: 0b110, all: 0b111 } as const;

/** For each of M1..M8 the sum of products of outcomes over pairs of triples that share at least what it names. */
function productSums(a: Study, b: Study, of: "won" | "read"): Float64Array {
  const [x, y] = [a[of], b[of]];
  const { readers } = a.scores;
  const sumsOf = (margins: Float64Array) => summed(margins, margins.length / readers);
  const readerTotals = (margins: Float64Array) => summed(transposed(margins, readers), readers);
  const cells = cellSums(a.scores, b.scores, of === "won" ? won : bothRead);
  return Float64Array.of(
    cells.own,
    dot(x.positives, y.positives),
    dot(x.negatives, y.negatives),
    dot(readerTotals(x.positives), readerTotals(y.positives)),
    cells.all,
    dot(sumsOf(x.positives), sumsOf(y.positives)),
    dot(sumsOf(x.negatives), sumsOf(y.negatives)),
    x.total * y.total,
  );
}

/** Products on the same positive and negative: of the same reader, and of any two. */
function cellSums(a: Scores, b: Scores, outcome: Outcome): { own: number; all: number } {
  const { readers } = a;
  const [m, n] = [a.positives.length / readers, a.negatives.length / readers];
  let [own, all] = [0, 0];
  for (let p = 0; p < m; p++) {
    for (let q = 0; q < n; q++) {
      let [sumA, sumB] = [0, 0];
      for (let r = 0; r < readers; r++) {
        const x = outcome(a.positives[r * m + p] ?? 0, a.negatives[r * n + q] ?? 0);
        const y = outcome(b.positives[r * m + p] ?? 0, b.negatives[r * n + q] ?? 0);
        own += x * y;
        sumA += x;
        sumB += y;
      }
      all += sumA * sumB;
    }
  }
  return { own, all };
}

/** From pairs that may differ to pairs that do. */
function differing(sums: Float64Array): Float64Array {
  const result = sums.slice();
  for (const bit of [0b001, 0b010, 0b100]) {
    for (let k = 0; k < result.length; k++) if (k & bit) result[k] = (result[k] ?? 0) - (result[k ^ bit] ?? 0);
  }
  return result;
}

interface Sources {
  /** Of readers, positives and negatives alone; 0 where the two tests share none. */
  components: number[];
  df: number[];
}

interface Covariance extends Sources {
  unbiased: number;
  mle: number;
  moments: ReaderAveragedAuc["moments"];
  /** Whether there are two triples that share nothing. */
  estimable: boolean;
}

function covariance(a: Study, b: Study): Covariance {
  const [sums, pairs] = [productSums(a, b, "won"), productSums(a, b, "read")];
  const [sumsDiffering, pairsDiffering] = [differing(sums), differing(pairs)];
  const ratios = (x: Float64Array, y: Float64Array) => Array.from(x, (sum, k) => (y[k] ? sum / y[k] : null));
  const moments = { unbiased: ratios(sumsDiffering, pairsDiffering), mle: ratios(sums, pairs) };
  const all = pairs[free.all] ?? 0;
  const above = moments.mle.map((moment) => (moment ?? 0) - (moments.mle[free.all] ?? 0));
  const sources = [free.readerOnly, free.positiveOnly, free.negativeOnly];
  return {
    unbiased: (a.auc ?? 0) * (b.auc ?? 0) - (moments.unbiased[free.all] ?? 0),
    mle: above.reduce((sum, value, k) => sum + value * (pairsDiffering[k] ?? 0), 0) / (all || 1),
    moments,
    components: sources.map((k) => (pairs[k] ? (above[k] ?? 0) : 0)),
    df: sources.map((k) => (pairs[k] ? Math.round(all / pairs[k] - 1) : 0)),
    estimable: moments.unbiased[free.all] !== null,
  };
}

function describe({ auc, images }: Study, found: Covariance): ReaderAveragedAuc {
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
  const least = Math.min(...sources.df);
  if (least < 1) {
    const area = without(because("too_few_in_common"));
    return { area, variance, df: null, pNormal, pStudent: null };
  }
  const spread = sources.components.reduce((sum, value, k) => sum + value ** 2 / (sources.df[k] ?? 0) ** 3, 0);
  const df = spread === 0 ? null : Math.max(least, variance ** 2 / spread);
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

/** The rows of `width` values, added. */
function summed(values: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  for (let i = 0; i < values.length; i++) sums[i % width] = (sums[i % width] ?? 0) + (values[i] ?? 0);
  return sums;
}

function transposed(values: Float64Array, rows: number): Float64Array {
  const width = values.length / rows;
  return Float64Array.from(values, (_, i) => values[(i % rows) * width + Math.floor(i / rows)] ?? 0);
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] ?? 0) * (y[i] ?? 0);
  return sum;
}
