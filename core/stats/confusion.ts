import { z95 } from "./distributions";
import { count } from "./errors";
import { type Estimate, notEstimable } from "./types";
import { wilson } from "./wilson";

export interface Counts {
  tp: number;
  fn: number;
  tn: number;
  fp: number;
}

/**
 * The accuracy of calls against the truth: sensitivity tp/(tp+fn), specificity tn/(tn+fp), PPV tp/(tp+fp), NPV tn/(tn+fn),
 * accuracy (tp+tn)/n with Wilson intervals, and the single-point AUC.
 * A denominator of zero is not estimable. Predictive values belong to the sample's prevalence.
 */
export function confusionMetrics({ tp, fn, tn, fp }: Counts) {
  for (const [name, value] of Object.entries({ tp, fn, tn, fp })) count(value, name);
  return {
    sensitivity: wilson(tp, tp + fn),
    specificity: wilson(tn, tn + fp),
    ppv: wilson(tp, tp + fp),
    npv: wilson(tn, tn + fn),
    accuracy: wilson(tp + tn, tp + fn + tn + fp),
    singlePointAuc: singlePointAuc({ tp, fn, tn, fp }),
  };
}

/**
 * The area under the two lines through the one operating point of a binary read: (sensitivity + specificity) / 2, that is the balanced accuracy.
 * It is not the area under a curve of scores and is never ranked against one (Cantor & Kattan 2000; Muschelli 2020).
 * Standard error (DeLong on a binary score): sqrt((se(1-se)/(P-1) + sp(1-sp)/(N-1)) / 4); with one case in a class there is no interval.
 */
export function singlePointAuc({ tp, fn, tn, fp }: Counts): Estimate {
  const method = "single operating point, (sensitivity + specificity) / 2; DeLong, images as independent";
  const [positives, negatives] = [tp + fn, tn + fp];
  const n = positives + negatives;
  if (positives === 0 || negatives === 0)
    return notEstimable(`no ${positives === 0 ? "positive" : "negative"} case`, method, n);
  const [se, sp] = [tp / positives, tn / negatives];
  const estimate = (se + sp) / 2;
  if (positives < 2 || negatives < 2) return { estimate, lower: null, upper: null, method, n };
  const error = Math.sqrt(((se * (1 - se)) / (positives - 1) + (sp * (1 - sp)) / (negatives - 1)) / 4);
  return {
    estimate,
    lower: Math.max(0, estimate - z95 * error),
    upper: Math.min(1, estimate + z95 * error),
    method,
    n,
  };
}
