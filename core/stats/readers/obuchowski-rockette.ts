import type { Said } from "../../words";
import { chiSquareUpperTail, fUpperTail, studentQuantile, z95 } from "../distributions";
import { StatsError } from "../errors";
import type { Direction, Limits } from "../types";
import { because, by } from "../types";
import { type FigureOfMerit, figuresOfMerit } from "./figures-of-merit";
import { rounding, satterthwaite, type TestedDifference, testedDifference } from "./tested-difference";

/** Two tests (conditions, modalities) by their positions; first less second, P two-sided. */
export interface TestDifference extends TestedDifference {
  tests: [number, number];
}

export interface SingleTest {
  estimate: number;
  standardError: number;
  df: number | null;
  /** Clipped to 0..1; null without variance. */
  limits: Limits | null;
}

export interface ObuchowskiRockette {
  /** Figure of merit by test and reader. */
  theta: number[][];
  /** Test 1 reader 1, 2, ..., test 2 reader 1, ... */
  covariance: number[][];
  meanSquares: { test: number; reader: number; testByReader: number };
  /** Means of the covariance matrix (same reader and other test: cov1, other reader and same test: cov2, both other: cov3), and the
   *  variances of readers and of test by reader that follow, which may be negative. */
  components: {
    variance: number;
    cov1: number;
    cov2: number;
    cov3: number;
    reader: number;
    testByReader: number;
  };
  /** Speaks of readers like these and cases like these. */
  randomReadersRandomCases: {
    denominator: number;
    f: number | null;
    df1: number;
    df2: number | null;
    p: number | null;
    differences: TestDifference[];
    single: (SingleTest & { meanSquareReader: number; cov2: number })[];
  };
  /** Speaks of readers like these on these very cases. */
  randomReadersFixedCases: {
    f: number | null;
    df1: number;
    df2: number;
    p: number | null;
    differences: TestDifference[];
  };
  /** Speaks of these very readers: with two or three readers the main result. */
  fixedReadersRandomCases: {
    denominator: number;
    chiSquare: number | null;
    df: number;
    p: number | null;
    differences: TestDifference[];
    single: (SingleTest & { variance: number; cov2: number })[];
    byReader: (TestDifference & { reader: number })[];
  };
  n: number;
  method: Said;
  /** Why the random-reader result says less than it seems to. */
  caution?: Said;
}

/**
 * Several readers read the same cases under several tests (conditions): do the tests differ?
 *
 * Obuchowski NA, Rockette HE. Commun Stat Simul 1995;24:285-308, with the degrees of freedom of Hillis SL. Stat Med 2007;26:596-619 (eq. 10)
 * and the formulas of Hillis SL. Stat Med 2014;33:330-360. F = MS(T) / (MS(TR) + r max(Cov2 - Cov3, 0)); fixed readers: chi-square with
 * Var - Cov1 + (r - 1)(Cov2 - Cov3); fixed cases: MS(T) / MS(TR). Every reader reads every case under every test. With several images a
 * patient take the `obuchowski` (or `cluster`) covariance, as Tabata K et al. Diagn Pathol 2019;14:65. With few readers df2 is small (down
 * to 1) and the fixed-reader result the one to report. No variance at all (everyone perfect): no test.
 * @param options.scores ratings by test and reader, one a case each
 * @example obuchowskiRockette({ truth: [0, 0, 1, 1], scores: [[[1, 3, 2, 4], [2, 1, 1, 4]], [[1, 2, 3, 4], [1, 3, 2, 4]]], direction: "higher", metric: "auc", covariance: { kind: "delong" } }).fixedReadersRandomCases.differences[0].estimate // -0.1875
 * @throws StatsError with fewer than two tests or readers, when rows or lengths differ, truth is not 0/1, a class is empty, a rating is not
 * finite, or a class has fewer than two units (clusters)
 */
export function obuchowskiRockette(
  options: {
    truth: ArrayLike<number>;
    scores: readonly (readonly ArrayLike<number>[])[];
    direction: Direction;
  } & FigureOfMerit,
): ObuchowskiRockette {
  const { scores, ...rest } = options;
  const t = scores.length;
  const r = scores[0]?.length ?? 0;
  if (t < 2 || r < 2) throw new StatsError("empty", `${t} tests and ${r} readers; this analysis needs two of each.`);
  for (const [index, row] of scores.entries()) {
    if (row.length !== r)
      throw new StatsError("length_mismatch", `Test ${index} has ${row.length} readers, test 0 has ${r}.`, index);
  }
  const { values, covariance } = figuresOfMerit({ ...rest, scores: scores.flat() });
  if (covariance === null)
    throw new StatsError("one_class", "The covariance needs two units (clusters) of each class.");

  const theta = scores.map((_, i) => values.slice(i * r, (i + 1) * r));
  const testMeans = theta.map(mean);
  const readerMeans = Array.from({ length: r }, (_, j) => mean(theta.map((row) => row[j] ?? 0)));
  const grand = mean(testMeans);
  const squares = (list: readonly number[], around: number) => list.reduce((sum, x) => sum + (x - around) ** 2, 0);
  const msTest = (r * squares(testMeans, grand)) / (t - 1);
  const msReader = (t * squares(readerMeans, grand)) / (r - 1);
  const interaction = theta.flatMap((row, i) =>
    row.map((value, j) => value - (testMeans[i] ?? 0) - (readerMeans[j] ?? 0) + grand),
  );
  const msTestByReader = squares(interaction, 0) / ((t - 1) * (r - 1));

  const at = (i: number, j: number, k: number, l: number) => covariance[i * r + j]?.[k * r + l] ?? 0;
  const over = (wanted: (i: number, j: number, k: number, l: number) => boolean) => meanWhere(t, r, at, wanted);
  const variance = over((i, j, k, l) => i === k && j === l);
  const cov1 = over((i, j, k, l) => i !== k && j === l);
  const cov2 = over((i, j, k, l) => i === k && j !== l);
  const cov3 = over((i, j, k, l) => i !== k && j !== l);
  const inTest = testMeans.map((_, test) => ({
    variance: over((i, j, k, l) => i === test && k === test && j === l),
    cov2: over((i, j, k, l) => i === test && k === test && j !== l),
    meanSquareReader: squares(theta[test] ?? [], testMeans[test] ?? 0) / (r - 1),
  }));

  const pairs = testMeans.flatMap((first, i) =>
    testMeans.slice(i + 1).map((second, step) => ({
      tests: [i, i + 1 + step] satisfies [number, number],
      estimate: first - second,
    })),
  );
  const least = rounding * Math.max(variance, Math.abs(cov1), Math.abs(cov2), Math.abs(cov3), msTest, msReader);
  const tested = (pair: (typeof pairs)[number], own: number, df: number | null): TestDifference => ({
    ...testedDifference({ estimate: pair.estimate, variance: own, df, tail: "two-sided", least }),
    tests: pair.tests,
  });
  const differencesOf = (denominator: number, df: number | null) =>
    pairs.map((pair) => tested(pair, (2 * denominator) / r, df));

  const df1 = t - 1;
  const random = msTestByReader + r * Math.max(cov2 - cov3, 0);
  const randomDf = satterthwaite(random, msTestByReader, df1 * (r - 1), least);
  const randomF = divide(msTest, random, least);
  const fixed = variance - cov1 + (r - 1) * (cov2 - cov3);
  const chiSquare = fixed > least ? (df1 * msTest) / fixed : null;
  const casesF = divide(msTest, msTestByReader, least);
  return {
    theta,
    covariance,
    meanSquares: { test: msTest, reader: msReader, testByReader: msTestByReader },
    components: {
      variance,
      cov1,
      cov2,
      cov3,
      reader: (msReader - msTestByReader) / t - cov1 + cov3,
      testByReader: msTestByReader - variance + cov1 + (cov2 - cov3),
    },
    randomReadersRandomCases: {
      denominator: random,
      f: randomF,
      df1,
      df2: randomDf,
      p: randomF === null ? null : fP(randomF, df1, randomDf),
      differences: differencesOf(random, randomDf),
      single: inTest.map(({ meanSquareReader, cov2: own }, i) => {
        const total = meanSquareReader + r * Math.max(own, 0);
        const df = satterthwaite(total, meanSquareReader, r - 1, least);
        return {
          ...singleOf(testMeans[i] ?? 0, total / r, df, least),
          meanSquareReader,
          cov2: own,
        };
      }),
    },
    randomReadersFixedCases: {
      f: casesF,
      df1,
      df2: df1 * (r - 1),
      p: casesF === null ? null : fUpperTail(casesF, df1, df1 * (r - 1)),
      differences: differencesOf(msTestByReader, df1 * (r - 1)),
    },
    fixedReadersRandomCases: {
      denominator: fixed,
      chiSquare,
      df: df1,
      p: chiSquare === null ? null : chiSquareUpperTail(chiSquare, df1),
      differences: differencesOf(fixed, null),
      single: inTest.map(({ variance: own, cov2: ownCov2 }, i) => ({
        ...singleOf(testMeans[i] ?? 0, (own + (r - 1) * Math.max(ownCov2, 0)) / r, null, least),
        variance: own,
        cov2: ownCov2,
      })),
      byReader: readerMeans.flatMap((_, reader) => {
        const own = over((i, j, k, l) => j === reader && l === reader && i === k);
        const between = over((i, j, k, l) => j === reader && l === reader && i !== k);
        return pairs.map(({ tests }) => {
          const estimate = (theta[tests[0]]?.[reader] ?? 0) - (theta[tests[1]]?.[reader] ?? 0);
          return { ...tested({ tests, estimate }, 2 * (own - between), null), reader };
        });
      }),
    },
    n: options.truth.length,
    method: by("obuchowski_rockette"),
    ...(r < 4 ? { caution: because("few_readers_random", { readers: r }) } : {}),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function meanWhere(
  t: number,
  r: number,
  at: (i: number, j: number, k: number, l: number) => number,
  wanted: (i: number, j: number, k: number, l: number) => boolean,
): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < t; i++)
    for (let j = 0; j < r; j++)
      for (let k = 0; k < t; k++)
        for (let l = 0; l < r; l++) {
          if (!wanted(i, j, k, l)) continue;
          sum += at(i, j, k, l);
          count++;
        }
  return count === 0 ? 0 : sum / count;
}

const divide = (over: number, under: number, least: number): number | null => (under > least ? over / under : null);

const fP = (f: number, df1: number, df2: number | null): number =>
  df2 === null ? chiSquareUpperTail(f * df1, df1) : fUpperTail(f, df1, df2);

function singleOf(estimate: number, variance: number, df: number | null, least: number): SingleTest {
  if (variance <= least) return { estimate, standardError: 0, df, limits: null };
  const standardError = Math.sqrt(variance);
  const half = (df === null ? z95 : studentQuantile(0.975, df)) * standardError;
  return { estimate, standardError, df, limits: [Math.max(0, estimate - half), Math.min(1, estimate + half)] };
}
