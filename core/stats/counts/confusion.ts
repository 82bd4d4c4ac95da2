import type { Said } from "../../words";
import { z95 } from "../distributions";
import { checkCounts, checkRange } from "../input";
import { because, by, type Estimate, type Estimated, type NotEstimable, notEstimable, withoutInterval } from "../types";
import { wilson } from "./proportion";

export interface ConfusionCounts {
  /** Truth positive, called positive. */
  tp: number;
  fn: number;
  tn: number;
  fp: number;
}

/**
 * Diagnostic accuracy of one binary read from its four counts.
 *
 * Proportions have Wilson intervals. Balanced accuracy (sens + spec) / 2 is the area under the trapezoid through the one operating point
 * (Cantor SB, Kattan MW. Med Decis Making 2000;20:468): the "single-point AUC", never to be ranked against the area under a whole curve; its
 * variance is DeLong's, (sens(1-sens)/(P-1) + spec(1-spec)/(N-1)) / 4. Youden's J = sens + spec - 1 (Youden WJ. Cancer 1950;3:32), interval
 * by the same variance. Likelihood ratios sens/(1-spec) and (1-sens)/spec with log intervals (Simel DL et al. J Clin Epidemiol
 * 1991;44:763-770); diagnostic odds ratio tp tn / (fn fp) with a log interval, and after Haldane's 1/2 in every cell (Glas AS et al. J Clin
 * Epidemiol 2003;56:1129-1135). F1 = 2 tp / (2 tp + fp + fn); Matthews' correlation (Matthews BW. Biochim Biophys Acta 1975;405:442-451);
 * Cohen's kappa of the calls against the truth. These last three depend on prevalence and have no interval here. Assumes independent units:
 * for several images a patient take `clusteredProportion`. 0/0 is not estimable, something over 0 is infinite, a ratio with an empty cell has
 * no interval, and so have the first two with a single positive or negative unit.
 * @example confusionMetrics({ tp: 174, fn: 144, tn: 231, fp: 95 }).sensitivity // 0.547, 0.492 to 0.601
 * @throws StatsError when a count is not a whole number, 0 or more
 */
export function confusionMetrics({ tp, fn, tn, fp }: ConfusionCounts) {
  checkCounts({ tp, fn, tn, fp });
  const positives = tp + fn;
  const negatives = tn + fp;
  const n = positives + negatives;
  const margins = positives * negatives * (tp + fp) * (tn + fn);
  const chance = (positives * (tp + fp) + negatives * (tn + fn)) / (n * n);
  const plain = (method: Said, numerator: number, denominator: number): Estimate =>
    denominator === 0
      ? notEstimable({ reason: because("zero_over_zero"), method, n })
      : withoutInterval({ estimate: numerator / denominator, method, n, caution: because("no_interval") });
  const haldane = [tp, tn, fn, fp].map((cell) => cell + 0.5);
  return {
    n,
    prevalence: wilson({ events: positives, n }),
    sensitivity: wilson({ events: tp, n: positives }),
    specificity: wilson({ events: tn, n: negatives }),
    ppv: wilson({ events: tp, n: tp + fp }),
    npv: wilson({ events: tn, n: tn + fn }),
    accuracy: wilson({ events: tp + tn, n }),
    balancedAccuracy: onePoint({ tp, fn, tn, fp }, by("balanced_accuracy"), 1, 0),
    youden: onePoint({ tp, fn, tn, fp }, by("youden"), 2, -1),
    lrPositive: likelihoodRatio([tp, positives], [fp, negatives], by("positive_ratio")),
    lrNegative: likelihoodRatio([fn, positives], [tn, negatives], by("negative_ratio")),
    diagnosticOddsRatio: oddsRatio([tp, tn, fn, fp], n, by("odds_ratio")),
    diagnosticOddsRatioHaldane: oddsRatio(haldane, n, by("odds_ratio_haldane")),
    f1: plain(by("f1"), 2 * tp, 2 * tp + fp + fn),
    mcc: plain(by("matthews"), tp * tn - fp * fn, Math.sqrt(margins)),
    kappa: plain(by("kappa_against_truth"), n === 0 ? 0 : (tp + tn) / n - chance, n === 0 ? 0 : 1 - chance),
  };
}

/** Of balanced accuracy, by DeLong; null with fewer than two units of a class. */
export function balancedAccuracyStandardError({ tp, fn, tn, fp }: ConfusionCounts): number | null {
  checkCounts({ tp, fn, tn, fp });
  const [positives, negatives] = [tp + fn, tn + fp];
  if (positives < 2 || negatives < 2) return null;
  const [sensitivity, specificity] = [tp / positives, tn / negatives];
  return Math.sqrt(
    ((sensitivity * (1 - sensitivity)) / (positives - 1) + (specificity * (1 - specificity)) / (negatives - 1)) / 4,
  );
}

/** `factor` x balanced accuracy + `offset`. */
function onePoint(counts: ConfusionCounts, method: Said, factor: number, offset: number): Estimate {
  const { tp, fn, tn, fp } = counts;
  const [positives, negatives] = [tp + fn, tn + fp];
  const n = positives + negatives;
  if (positives === 0 || negatives === 0)
    return notEstimable({
      reason: because("no_image_of_class", { truth: positives === 0 ? "positive" : "negative" }),
      method,
      n,
    });
  const estimate = (factor * (tp / positives + tn / negatives)) / 2 + offset;
  const standardError = balancedAccuracyStandardError(counts);
  if (standardError === null) return withoutInterval({ estimate, method, n, caution: because("two_images_a_class") });
  const half = factor * z95 * standardError;
  return {
    estimate,
    lower: Math.max(offset, estimate - half),
    upper: Math.min(1, estimate + half),
    method,
    n,
    ...(standardError === 0 ? { caution: because("variance_zero") } : {}),
  };
}

type Share = readonly [events: number, n: number];

/** The ratio of a share of the positive units to a share of the negative ones; log variance 1/a - 1/P + 1/b - 1/N. */
function likelihoodRatio([a, positives]: Share, [b, negatives]: Share, method: Said): Estimate {
  const n = positives + negatives;
  if (positives === 0 || negatives === 0)
    return notEstimable({
      reason: because("no_image_of_class", { truth: positives === 0 ? "positive" : "negative" }),
      method,
      n,
    });
  const variance = a === 0 || b === 0 ? null : 1 / a - 1 / positives + 1 / b - 1 / negatives;
  return ratio(a / positives, b / negatives, variance, { method, n });
}

function oddsRatio(cells: readonly number[], n: number, method: Said): Estimate {
  const [tp = 0, tn = 0, fn = 0, fp = 0] = cells;
  const variance = cells.includes(0) ? null : cells.reduce((sum, cell) => sum + 1 / cell, 0);
  return ratio(tp * tn, fn * fp, variance, { method, n });
}

function ratio(
  over: number,
  under: number,
  logVariance: number | null,
  about: { method: Said; n: number },
): Estimated | NotEstimable {
  if (under === 0)
    return over === 0
      ? notEstimable({ reason: because("zero_over_zero"), ...about })
      : { ...notEstimable({ reason: because("without_bound"), ...about }), infinite: true };
  const estimate = over / under;
  if (logVariance === null) return withoutInterval({ estimate, ...about, caution: because("cell_empty") });
  const factor = Math.exp(z95 * Math.sqrt(Math.max(0, logVariance)));
  return { estimate, lower: estimate / factor, upper: estimate * factor, ...about };
}

/**
 * PPV and NPV of a test of given sensitivity and specificity at another prevalence, by Bayes' theorem (Altman DG, Bland JM. BMJ
 * 1994;309:102). All fractions 0..1. Null where nothing would be called so.
 * @example predictiveValuesAt({ sensitivity: 0.9, specificity: 0.8, prevalence: 0.1 }).ppv // 0.3333
 * @throws StatsError when one lies outside 0..1
 */
export function predictiveValuesAt(options: { sensitivity: number; specificity: number; prevalence: number }) {
  checkRange(options, [0, 1]);
  const { sensitivity, specificity, prevalence } = options;
  const [tp, fn] = [sensitivity * prevalence, (1 - sensitivity) * prevalence];
  const [tn, fp] = [specificity * (1 - prevalence), (1 - specificity) * (1 - prevalence)];
  return { ppv: tp + fp === 0 ? null : tp / (tp + fp), npv: tn + fn === 0 ? null : tn / (tn + fn) };
}
