import type { Said } from "../../words";
import { studentQuantile, studentTwoSidedP } from "../distributions";
import { checkBinary, checkLengths } from "../input";
import { because, by, type Estimate, notEstimable, withoutInterval } from "../types";
import { fewClusters, type Ids, numberClusters } from "./clusters";

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
}): { ratio: Estimate; logStandardError: number | null; p: number | null } {
  const { truth, first, second, cluster, method = by("relative_predictive_value") } = options;
  checkLengths({ truth, first, second });
  checkBinary({ truth, first, second });
  const wanted = options.value === "ppv" ? 1 : 0;
  const length = truth.length;
  const [a, b] = [
    { calls: 0, events: 0 },
    { calls: 0, events: 0 },
  ];
  let n = 0;
  for (let i = 0; i < length; i++) {
    const right = truth[i] === wanted ? 1 : 0;
    if (first[i] === wanted) {
      a.calls++;
      a.events += right;
    }
    if (second[i] === wanted) {
      b.calls++;
      b.events += right;
    }
    if (first[i] === wanted || second[i] === wanted) n++;
  }
  if (a.events === 0 || b.events === 0)
    return { ratio: notEstimable({ reason: because("denominator_zero"), method, n }), logStandardError: null, p: null };
  const estimate = a.events / a.calls / (b.events / b.calls);
  const { of, count } = numberClusters(cluster, length);
  const [sums, hasCall] = [new Float64Array(count), new Uint8Array(count)];
  for (let i = 0; i < length; i++) {
    if (first[i] !== wanted && second[i] !== wanted) continue;
    const [g, right] = [of[i] ?? 0, truth[i] === wanted ? 1 : 0];
    const ofFirst = first[i] === wanted ? right / a.events - 1 / a.calls : 0;
    const ofSecond = second[i] === wanted ? right / b.events - 1 / b.calls : 0;
    sums[g] = (sums[g] ?? 0) + ofFirst - ofSecond;
    hasCall[g] = 1;
  }
  const G = hasCall.reduce((total, one) => total + one, 0);
  if (G < 2) {
    const caution = because("one_cluster");
    return { ratio: withoutInterval({ estimate, method, n, caution }), logStandardError: null, p: null };
  }
  const variance = (G / (G - 1)) * sums.reduce((sum, value) => sum + value * value, 0);
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

/** Below this a variance of shares is rounding error. */
const rounding = 1e-15;
