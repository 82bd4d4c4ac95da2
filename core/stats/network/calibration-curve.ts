import type { Said } from "../../words";
import { quantileOf } from "../quantile";
import { by } from "../types";
import { checkPredicted, type Predicted } from "./calibration";

export interface CalibrationCurve {
  n: number;
  /** Smoothed share of events at each probability that occurs, ascending. It may leave 0..1 a little at the ends. */
  points: { probability: number; observed: number }[];
  /** Integrated calibration index: mean |observed - p| over the units. */
  ici: number;
  /** Median, 90th percentile and maximum of the same. */
  e50: number;
  e90: number;
  emax: number;
  method: Said;
}

/**
 * Flexible calibration curve and how far it lies from the diagonal (ICI, E50, E90, Emax).
 *
 * The curve is `lowess` of truth on probability with span 2/3 and no robustness iterations, as in `rms::val.prob`; the
 * indices are those of Austin PC, Steyerberg EW. Stat Med 2019;38:4051-4065 (they smooth by loess), quantiles
 * of type 7. Descriptive: no interval, no test, so clusters do not matter. Tied probabilities have one point. Above 2,000 units
 * probabilities within a thousandth of their range of the last fitted one are interpolated (R's lowess does so within a hundredth): the time then grows with
 * the units and not with their square. One class
 * or a constant probability gives a flat curve, n = 1 the point itself; below some hundred units the curve follows
 * chance.
 * @example calibrationCurve({ truth: [0, 0, 1, 1], probability: [0.1, 0.4, 0.6, 0.9] }).ici // 0.25
 * @throws StatsError when there is no unit, lengths differ, truth is not 0/1, or a probability lies outside 0..1
 */
export function calibrationCurve(input: Predicted): CalibrationCurve {
  const { truth, probability } = checkPredicted(input);
  const n = truth.length;
  const order = Array.from(truth.keys()).sort((i, j) => (probability[i] ?? 0) - (probability[j] ?? 0));
  const x = Float64Array.from(order, (i) => probability[i] ?? 0);
  const fitted = lowess(
    x,
    Float64Array.from(order, (i) => truth[i] ?? 0),
  );
  const errors = fitted.map((value, i) => Math.abs(value - (x[i] ?? 0))).sort();
  const points = Array.from(x, (value, i) => ({ probability: value, observed: fitted[i] ?? 0 }));
  return {
    n,
    points: points.filter(({ probability: value }, i) => i === 0 || value !== x[i - 1]),
    ici: errors.reduce((sum, value) => sum + value, 0) / n,
    e50: quantileOf(errors, 0.5),
    e90: quantileOf(errors, 0.9),
    emax: errors[n - 1] ?? 0,
    method: by("lowess"),
  };
}

/**
 * Locally weighted straight lines: Cleveland WS. J Am Stat Assoc 1979;74:829-836, sect. 2, without the robustness
 * iterations. R's `lowess(x, y, f = span, iter = 0, delta)`: what lies within delta of the last fitted x, but for the farthest of these, is interpolated.
 *
 * At each x the nearest span n points (2 or more, at most n) get the tricube weight (1 - (d/h)³)³, h the distance of
 * the farthest; so do points beyond the count at the same distance. The conventions of R's `lowess`: weight 1 within
 * h/1000, 0 beyond 0.999 h, and a weighted mean where the local x hardly vary (standard deviation up to a thousandth of
 * the range).
 * @param x ascending
 */
function lowess(x: Float64Array, y: Float64Array, span = 2 / 3): Float64Array {
  const n = x.length;
  if (n < 2) return y.slice();
  const at = (i: number) => x[i] ?? 0;
  const size = Math.max(2, Math.min(n, Math.floor(span * n + 1e-7)));
  const range = at(n - 1) - at(0);
  const delta = n > allFitted ? range / 1000 : 0;
  const [fitted, weights] = [new Float64Array(n), new Float64Array(n)];
  let first = 0;
  /** The last place that is fitted, and what is fitted there. */
  let [last, level] = [-1, 0];
  for (let i = 0; i < n; ) {
    const here = at(i);
    while (first + size < n && here - at(first) > at(first + size) - here) first++;
    const value = localLine(x, y, weights, { here, first, size, range });
    for (let between = last + 1; between < i; between++)
      fitted[between] = level + ((at(between) - at(last)) / (here - at(last))) * (value - level);
    fitted[i] = value;
    last = i;
    while (last + 1 < n && at(last + 1) === here) fitted[++last] = value;
    level = value;
    i = last + 1;
    while (i + 1 < n && at(i + 1) <= here + delta) i++;
  }
  return fitted;
}

/** With more units than this the curve is interpolated. */
const allFitted = 2000;

function localLine(
  x: Float64Array,
  y: Float64Array,
  weights: Float64Array,
  { here, first, size, range }: { here: number; first: number; size: number; range: number },
): number {
  const h = Math.max(here - (x[first] ?? 0), (x[first + size - 1] ?? 0) - here);
  const most = x.length - first;
  let [all, moment, count] = [0, 0, 0];
  for (; count < most; count++) {
    const at = x[first + count] ?? 0;
    const distance = Math.abs(at - here);
    if (distance > 0.999 * h) {
      if (at > here) break;
      weights[count] = 0;
      continue;
    }
    const weight = distance <= 0.001 * h ? 1 : cube(1 - cube(distance / h));
    weights[count] = weight;
    all += weight;
    moment += weight * at;
  }
  const mean = moment / all;
  let [level, squares, products] = [0, 0, 0];
  for (let k = 0; k < count; k++) {
    const [weight = 0, value = 0] = [weights[k], y[first + k]];
    const offset = (x[first + k] ?? 0) - mean;
    level += weight * value;
    squares += weight * offset * offset;
    products += weight * offset * value;
  }
  const hasSlope = h > 0 && Math.sqrt(squares / all) > 0.001 * range;
  return level / all + (hasSlope ? ((here - mean) * products) / squares : 0);
}

const cube = (value: number): number => value * value * value;
