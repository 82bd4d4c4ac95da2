import type { Said } from "../../words";
import { studentQuantile, studentTwoSidedP } from "../distributions";
import { checkBinary, checkLengths } from "../input";
import { because, by, type Estimate, notEstimable, withoutInterval } from "../types";
import { fewClusters, type Ids, numberClusters } from "./clusters";
import { cellsOfCluster, countPairedCalls, type PairedCalls } from "./paired-calls";

export interface RelativePredictiveValue {
  ratio: Estimate;
  logStandardError: number | null;
  p: number | null;
}

/**
 * The ratio of two predictive values, first over second, on units (images) that come in clusters (patients).
 *
 * Moskowitz CS, Pepe MS. Clin Trials 2006;3:272-279: the log of the ratio, with what each unit adds to it, called (event / events - 1 / calls) of the first less
 * that of the second, summed by cluster: variance G/(G-1) sum of squares over the G clusters that have a unit called so, t on G - 1. One unit a cluster: theirs, times
 * G/(G-1). Clusters are independent; with fewer than 40 a caution says so. No call, or no event, of one of the two: not estimable.
 * @param options.value which: of positive calls (1) disease is right, of negative ones (0) none
 * @example relativePredictiveValue({ value: "ppv", truth: [1, 0, 1, 0], first: [1, 1, 1, 0], second: [1, 0, 1, 1], cluster: [1, 2, 3, 4] }).ratio.estimate // 1
 * @throws StatsError when lengths differ or a truth or call is not 0/1
 */
export function relativePredictiveValue(options: {
  value: "ppv" | "npv";
  truth: ArrayLike<number>;
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  cluster: Ids;
  method?: Said;
}): RelativePredictiveValue {
  const { value, truth, first, second, method } = options;
  checkLengths({ truth, first, second });
  checkBinary({ truth, first, second });
  const { of: cluster, count: clusters } = numberClusters(options.cluster, truth.length);
  return relativePredictiveValueOf(countPairedCalls({ truth, first, second, cluster, clusters }), { value, method });
}

/** The same from the calls counted by cluster. */
export function relativePredictiveValueOf(
  calls: PairedCalls,
  { value, method = by("relative_predictive_value") }: { value: "ppv" | "npv"; method?: Said | undefined },
): RelativePredictiveValue {
  const clusters = calledSo(calls, value === "ppv" ? 1 : 0);
  const [a, b] = [
    { calls: 0, events: 0 },
    { calls: 0, events: 0 },
  ];
  let n = 0;
  for (const each of clusters) {
    a.calls += each.first;
    a.events += each.firstRight;
    b.calls += each.second;
    b.events += each.secondRight;
    n += each.either;
  }
  if (a.events === 0 || b.events === 0)
    return { ratio: notEstimable({ reason: because("denominator_zero"), method, n }), logStandardError: null, p: null };
  const estimate = a.events / a.calls / (b.events / b.calls);
  const G = clusters.length;
  if (G < 2) {
    const caution = because("one_cluster");
    return { ratio: withoutInterval({ estimate, method, n, caution }), logStandardError: null, p: null };
  }
  const squares = clusters.reduce((sum, { first, firstRight, second, secondRight }) => {
    const added = firstRight / a.events - first / a.calls - (secondRight / b.events - second / b.calls);
    return sum + added * added;
  }, 0);
  const variance = (G / (G - 1)) * squares;
  if (variance < rounding) {
    const caution = because("difference_no_test");
    return { ratio: withoutInterval({ estimate, method, n, caution }), logStandardError: 0, p: null };
  }
  const logStandardError = Math.sqrt(variance);
  const factor = Math.exp(studentQuantile(0.975, G - 1) * logStandardError);
  return {
    ratio: { estimate, lower: estimate / factor, upper: estimate * factor, method, n, ...fewClusters(G) },
    logStandardError,
    p: studentTwoSidedP(Math.log(estimate) / logStandardError, G - 1),
  };
}

/** Units of a cluster that one of the two called `wanted`, that the first called so, those of them that are so, and the same of the second. */
interface CalledSo {
  either: number;
  first: number;
  firstRight: number;
  second: number;
  secondRight: number;
}

/** Of the clusters that have such a unit. */
function calledSo({ counts }: PairedCalls, wanted: 0 | 1): CalledSo[] {
  const found: CalledSo[] = [];
  const at = (place: number) => counts[place] ?? 0;
  /** Where both called a unit so, the first alone, and the second alone. */
  const [both, onlyFirst, onlySecond] = [3 * wanted, 1 + wanted, 2 - wanted];
  for (let from = 0; from < counts.length; from += cellsOfCluster) {
    const [right, wrong] = [from + 4 * wanted, from + 4 * (1 - wanted)];
    const firstRight = at(right + both) + at(right + onlyFirst);
    const secondRight = at(right + both) + at(right + onlySecond);
    const first = firstRight + at(wrong + both) + at(wrong + onlyFirst);
    const second = secondRight + at(wrong + both) + at(wrong + onlySecond);
    const either = first + at(right + onlySecond) + at(wrong + onlySecond);
    if (either > 0) found.push({ either, first, firstRight, second, secondRight });
  }
  return found;
}

/** Below this a variance of shares is rounding error. */
const rounding = 1e-15;
