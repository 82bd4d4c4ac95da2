import { z95 } from "./distributions";
import { checkCounts } from "./input";
import { type Estimate, notEstimable } from "./types";
import { wilson } from "./wilson";

export interface ConfusionCounts {
  /** Truth positive, called positive. */
  tp: number;
  fn: number;
  tn: number;
  fp: number;
}

/**
 * Diagnostic accuracy of one binary read from its four counts, proportions with Wilson intervals.
 *
 * Balanced accuracy (sens + spec) / 2 is the area under the trapezoid through the one operating point (Cantor SB, Kattan MW. Med Decis
 * Making 2000;20:468): the "single-point AUC", never to be ranked against the area under a whole curve. Its variance is DeLong's,
 * (sens(1-sens)/(P-1) + spec(1-spec)/(N-1)) / 4. Youden's J = sens + spec - 1 (Youden WJ. Cancer 1950;3:32), interval by the same
 * variance. 0/0 is not estimable; with a single positive or negative image the last two have no interval.
 * @param options.suffix added to the method names, e.g. that images were taken as independent
 * @throws StatsError when a count is not a whole number, 0 or more
 */
export function confusionMetrics({ tp, fn, tn, fp }: ConfusionCounts, options: { suffix?: string } = {}) {
  const { suffix = "" } = options;
  checkCounts({ tp, fn, tn, fp });
  const positives = tp + fn;
  const negatives = tn + fp;
  const n = positives + negatives;
  const proportion = (events: number, of: number) => wilson({ events, n: of, method: `Wilson${suffix}` });
  return {
    n,
    prevalence: proportion(positives, n),
    sensitivity: proportion(tp, positives),
    specificity: proportion(tn, negatives),
    ppv: proportion(tp, tp + fp),
    npv: proportion(tn, tn + fn),
    accuracy: proportion(tp + tn, n),
    balancedAccuracy: onePoint({ tp, fn, tn, fp }, `balanced accuracy, DeLong variance${suffix}`, 1, 0),
    youden: onePoint({ tp, fn, tn, fp }, `Youden's J, DeLong variance${suffix}`, 2, -1),
  };
}

/** `factor` x balanced accuracy + `offset`. */
function onePoint({ tp, fn, tn, fp }: ConfusionCounts, method: string, factor: number, offset: number): Estimate {
  const positives = tp + fn;
  const negatives = tn + fp;
  const n = positives + negatives;
  if (positives === 0 || negatives === 0)
    return notEstimable({ reason: `there is no ${positives === 0 ? "positive" : "negative"} image`, method, n });
  const sensitivity = tp / positives;
  const specificity = tn / negatives;
  const estimate = (factor * (sensitivity + specificity)) / 2 + offset;
  if (positives === 1 || negatives === 1)
    return { estimate, lower: null, upper: null, method, n, caution: "the variance needs two images of each class" };
  const variance =
    ((sensitivity * (1 - sensitivity)) / (positives - 1) + (specificity * (1 - specificity)) / (negatives - 1)) / 4;
  const half = factor * z95 * Math.sqrt(variance);
  return {
    estimate,
    lower: Math.max(offset, estimate - half),
    upper: Math.min(1, estimate + half),
    method,
    n,
    ...(variance === 0 ? { caution: "the variance is 0: the interval is not informative" } : {}),
  };
}
