import { chiSquareUpperTail, normalP, z95 } from "../distributions";
import { checkCounts } from "../input";
import type { Limits, PairedCounts } from "../types";

/** Positive by both tests, by the first only, by the second only, by neither: of the diseased and of the others. */
export interface PairedByTruth {
  diseased: PairedCounts;
  nonDiseased: PairedCounts;
}

/** Null where a test called nothing so. */
export interface PredictiveValueComparison {
  first: number;
  second: number;
  /** Second less first. */
  difference: number;
  /** Generalised score (Leisenring) and weighted generalised score (Kosinski), chi-square on 1 df; null without variance. */
  generalizedScore: { statistic: number; p: number } | null;
  weightedGeneralizedScore: { statistic: number; p: number } | null;
  /** Second over first with its log interval (Moskowitz and Pepe); null where one is 0. */
  relative: Relative | null;
}

export interface Relative {
  ratio: number;
  logStandardError: number;
  limits: Limits;
  z: number | null;
  /** Two-sided. */
  p: number | null;
}

/** A cell of the two tables: how many, whether the event (disease for PPV, none for NPV) holds, whether each test called so. */
interface Cell {
  count: number;
  isEvent: boolean;
  first: boolean;
  second: boolean;
}

/**
 * Positive and negative predictive values of two tests on the same units. McNemar does not apply: the units called positive differ.
 *
 * Generalised score: Leisenring W, Alonzo T, Pepe MS. Biometrics 2000;56:345-351; weighted: Kosinski AS. Stat Med 2013;32:964-977 (holds its
 * size better, the one to report); relative: Moskowitz CS, Pepe MS. Clin Trials 2006;3:272-279. Assumes independent units. A test that calls
 * nothing positive (negative) leaves the PPV (NPV) without comparison: null.
 * @example comparePredictiveValues({ diseased: { both: 319, firstOnly: 78, secondOnly: 22, neither: 32 }, nonDiseased: { both: 31, firstOnly: 53, secondOnly: 22, neither: 155 } }).ppv.difference // 0.04012
 * @throws StatsError when a count is not a whole number, 0 or more
 */
export function comparePredictiveValues(counts: PairedByTruth): {
  ppv: PredictiveValueComparison | null;
  npv: PredictiveValueComparison | null;
} {
  const rows = [
    { isDiseased: true, of: counts.diseased },
    { isDiseased: false, of: counts.nonDiseased },
  ];
  const cells = rows.flatMap(({ isDiseased, of }) => {
    checkCounts({ ...of });
    return [
      { isDiseased, count: of.both, first: true, second: true },
      { isDiseased, count: of.firstOnly, first: true, second: false },
      { isDiseased, count: of.secondOnly, first: false, second: true },
      { isDiseased, count: of.neither, first: false, second: false },
    ];
  });
  const positive = cells.map(({ isDiseased, ...cell }): Cell => ({ ...cell, isEvent: isDiseased }));
  const negative = cells.map(
    ({ isDiseased, count, first, second }): Cell => ({
      count,
      isEvent: !isDiseased,
      first: !first,
      second: !second,
    }),
  );
  return { ppv: compare(positive), npv: compare(negative) };
}

function compare(cells: readonly Cell[]): PredictiveValueComparison | null {
  const sum = (of: (cell: Cell) => number) => cells.reduce((total, cell) => total + cell.count * of(cell), 0);
  const [n1, n2] = [sum(({ first }) => Number(first)), sum(({ second }) => Number(second))];
  if (n1 === 0 || n2 === 0) return null;
  const events1 = sum(({ first, isEvent }) => Number(first && isEvent));
  const events2 = sum(({ second, isEvent }) => Number(second && isEvent));
  const [first, second] = [events1 / n1, events2 / n2];
  const pooled = (events1 + events2) / (n1 + n2);
  const residual = ({ isEvent }: Cell) => Number(isEvent) - pooled;

  const share = n2 / (n1 + n2);
  const score = (cell: Cell) => residual(cell) * (Number(cell.first) * -share + Number(cell.second) * (1 - share));
  const common = sum((cell) => Number(cell.first && cell.second) * residual(cell) ** 2) / (n1 + n2);
  const weighted = (pooled * (1 - pooled) - 2 * common) * (1 / n1 + 1 / n2);
  return {
    first,
    second,
    difference: second - first,
    generalizedScore: tested(
      sum(score) ** 2,
      sum((cell) => score(cell) ** 2),
    ),
    weightedGeneralizedScore: tested((second - first) ** 2, weighted),
    relative:
      events1 === 0 || events2 === 0
        ? null
        : relativeOf(
            second / first,
            sum((cell) => {
              const own1 = Number(cell.first) * (Number(cell.isEvent) / events1 - 1 / n1);
              const own2 = Number(cell.second) * (Number(cell.isEvent) / events2 - 1 / n2);
              return (own2 - own1) ** 2;
            }),
          ),
  };
}

/** Below this, a variance of shares is rounding error. */
const rounding = 1e-15;

function tested(square: number, variance: number): { statistic: number; p: number } | null {
  if (variance < rounding) return null;
  return { statistic: square / variance, p: chiSquareUpperTail(square / variance, 1) };
}

function relativeOf(ratio: number, logVariance: number): Relative {
  const logStandardError = Math.sqrt(logVariance);
  const factor = Math.exp(z95 * logStandardError);
  const z = logVariance < rounding ? null : Math.log(ratio) / logStandardError;
  const limits: Limits = [ratio / factor, ratio * factor];
  return { ratio, logStandardError, limits, z, p: z === null ? null : normalP(z, "two-sided") };
}

/**
 * The ratio second over first of two paired sensitivities (pass the diseased, positive calls) or specificities (pass the others, negative
 * calls), log variance (b + c) / (x1 x2): Alonzo TA, Pepe MS, Moskowitz CS. Stat Med 2002;21:835-852. Null where one of them is 0.
 * @example relativeProportion({ both: 319, firstOnly: 78, secondOnly: 22, neither: 32 }).ratio // 0.8589
 * @throws StatsError when a count is not a whole number, 0 or more
 */
export function relativeProportion(counts: PairedCounts): (Relative & { first: number; second: number }) | null {
  checkCounts({ ...counts });
  const { both, firstOnly, secondOnly, neither } = counts;
  const [x1, x2] = [both + firstOnly, both + secondOnly];
  const n = both + firstOnly + secondOnly + neither;
  if (x1 === 0 || x2 === 0) return null;
  return { first: x1 / n, second: x2 / n, ...relativeOf(x2 / x1, (firstOnly + secondOnly) / (x1 * x2)) };
}
