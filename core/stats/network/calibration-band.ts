import { drawClusters } from "../clustered/bootstrap";
import { type Ids, numberClusters } from "../clustered/clusters";
import { StatsError } from "../errors";
import { quantileOf } from "../quantile";
import { checkPredicted, type Predicted } from "./calibration";

export interface CalibrationBand {
  /** The smoothed share of events at probabilities 0, 0.05, ... 1 as far as the data reach, with its 95 % limits, which lie in 0..1. */
  points: { probability: number; observed: number; lower: number; upper: number }[];
  /** Bootstrap samples behind the limits. */
  replicates: number;
}

const steps = 20;

interface Sample {
  /** Ascending. */
  x: Float64Array;
  y: Float64Array;
  weights: Float64Array;
  /** Of the weights. */
  total: number;
}

/**
 * The band about the flexible calibration curve (`calibrationCurve`): pointwise 95 % limits, percentile bootstrap of clusters (patients), the curve
 * smoothed anew in every sample, where a unit counts as often as it was drawn. Pointwise: one probability at a time is covered.
 *
 * As in Austin PC, Steyerberg EW. Stat Med 2014;33:517-535 (they smooth by loess).
 * @param options.random numbers in [0, 1), seeded by the caller
 * @returns null where the curve would be one point: fewer than two probabilities of the grid lie among the data
 * @throws StatsError as `calibrationCurve`, when there is not one cluster a unit, or replicates is not a whole number of 2 or more
 */
export function calibrationBand(
  options: Predicted & { cluster: Ids; replicates: number; random: () => number },
): CalibrationBand | null {
  const { replicates, random } = options;
  if (!(Number.isInteger(replicates) && replicates > 1))
    throw new StatsError("out_of_range", `replicates is ${replicates}; it must be a whole number, 2 or more.`);
  const { truth, probability } = checkPredicted(options);
  const n = truth.length;
  const { of, count } = numberClusters(options.cluster, n);
  const order = Array.from(truth.keys()).sort((i, j) => (probability[i] ?? 0) - (probability[j] ?? 0));
  const x = Float64Array.from(order, (i) => probability[i] ?? 0);
  const y = Float64Array.from(order, (i) => truth[i] ?? 0);
  const patient = Int32Array.from(order, (i) => of[i] ?? 0);
  const [lowest = 0, highest = 0] = [x[0], x[n - 1]];
  const grid = Array.from({ length: steps + 1 }, (_, at) => at / steps).filter((at) => at >= lowest && at <= highest);
  if (grid.length < 2) return null;
  const weights = new Float64Array(n).fill(1);
  const whole = grid.map((at) => smoothed({ x, y, weights, total: n }, at));
  const groups = [Array.from({ length: count }, (_, i) => i)];
  const times = new Float64Array(count);
  const drawn = grid.map((): number[] => []);
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawClusters(times, groups, random);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const came = times[patient[i] ?? 0] ?? 0;
      weights[i] = came;
      total += came;
    }
    const sample = { x, y, weights, total };
    for (const [at, here] of grid.entries()) drawn[at]?.push(smoothed(sample, here));
  }
  const possible = (value: number) => Math.min(1, Math.max(0, value));
  return {
    replicates,
    points: grid.map((probability, at) => {
      const sorted = Float64Array.from(drawn[at] ?? []).sort();
      return {
        probability,
        observed: possible(whole[at] ?? 0),
        lower: possible(quantileOf(sorted, 0.025)),
        upper: possible(quantileOf(sorted, 0.975)),
      };
    }),
  };
}

/**
 * Lowess (span 2/3, no robustness iterations) at one place, with units that count as often as their weight: the conventions of `calibrationCurve`.
 */
function smoothed({ x, y, weights, total }: Sample, here: number): number {
  const n = x.length;
  const wanted = Math.max(2, Math.floor((2 / 3) * total + 1e-7));
  // From the place outwards until so many units are within reach.
  let right = lowerBound(x, here);
  let left = right - 1;
  let [reached, h] = [0, 0];
  while (reached < wanted && (left >= 0 || right < n)) {
    const toLeft = left >= 0 ? here - (x[left] ?? 0) : Number.POSITIVE_INFINITY;
    const toRight = right < n ? (x[right] ?? 0) - here : Number.POSITIVE_INFINITY;
    const weight = weights[toLeft <= toRight ? left-- : right++] ?? 0;
    if (weight === 0) continue;
    reached += weight;
    h = Math.min(toLeft, toRight);
  }
  let [sum, moment, level, squares, products] = [0, 0, 0, 0, 0];
  // What lies further out than the last of them has no weight.
  for (let i = left + 1; i < right; i++) {
    const times = weights[i] ?? 0;
    if (times === 0) continue;
    const offset = (x[i] ?? 0) - here;
    const distance = Math.abs(offset);
    if (distance > 0.999 * h && distance > 0) continue;
    const share = distance / h;
    const rest = distance <= 0.001 * h ? 1 : 1 - share * share * share;
    const weight = times * rest * rest * rest;
    const event = weight * (y[i] ?? 0);
    sum += weight;
    moment += weight * offset;
    level += event;
    squares += weight * offset * offset;
    products += event * offset;
  }
  const [centre, mean] = [moment / sum, level / sum];
  const spread = squares / sum - centre * centre;
  const range = (x[n - 1] ?? 0) - (x[0] ?? 0);
  if (h === 0 || spread <= (0.001 * range) ** 2) return mean;
  return mean + ((0 - centre) * (products / sum - centre * mean)) / spread;
}

/** The first place whose value is not below `value`. */
function lowerBound(x: Float64Array, value: number): number {
  let [from, to] = [0, x.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((x[middle] ?? 0) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
