import { z } from "zod";
import { balancedAccuracyStandardError, confusionMetrics } from "@/core/stats/counts/confusion";
import { agrestiCoullLimits, clopperPearsonLimits, jeffreysLimits, wilsonLimits } from "@/core/stats/counts/proportion";
import type { Estimate } from "@/core/stats/types";
import { defineAdapter, limitsOf } from "../context";

const count = z.number();

export const adapter = defineAdapter(z.strictObject({ tp: count, fn: count, tn: count, fp: count }), (counts) => {
  const { tp, fn, tn } = counts;
  const metrics = confusionMetrics(counts);
  return {
    prevalence: shareOf(metrics.prevalence, tp + fn),
    sensitivity: shareOf(metrics.sensitivity, tp),
    specificity: shareOf(metrics.specificity, tn),
    ppv: shareOf(metrics.ppv, tp),
    npv: shareOf(metrics.npv, tn),
    accuracy: shareOf(metrics.accuracy, tp + tn),
    balanced_accuracy: metrics.balancedAccuracy.estimate,
    binary_auc: metrics.balancedAccuracy.estimate,
    binary_auc_delong_se: balancedAccuracyStandardError(counts),
    youden_j: metrics.youden.estimate,
    f1: metrics.f1.estimate,
    mcc: metrics.mcc.estimate,
    kappa_vs_truth: metrics.kappa.estimate,
    lr_positive: ratioOf(metrics.lrPositive),
    lr_positive_ci: limitsOf(metrics.lrPositive),
    lr_negative: ratioOf(metrics.lrNegative),
    lr_negative_ci: limitsOf(metrics.lrNegative),
    diagnostic_odds_ratio: ratioOf(metrics.diagnosticOddsRatio),
    diagnostic_odds_ratio_ci: limitsOf(metrics.diagnosticOddsRatio),
    dor_haldane: ratioOf(metrics.diagnosticOddsRatioHaldane),
    dor_haldane_ci: limitsOf(metrics.diagnosticOddsRatioHaldane),
  };
});

function shareOf(share: Estimate, numerator: number) {
  const limits = (of: (events: number, n: number) => [number, number]) =>
    share.estimate === null ? [null, null] : of(numerator, share.n);
  return {
    numerator,
    denominator: share.n,
    estimate: share.estimate,
    wilson: limits(wilsonLimits),
    clopper_pearson: limits(clopperPearsonLimits),
    agresti_coull: limits(agrestiCoullLimits),
    jeffreys: limits(jeffreysLimits),
  };
}

const ratioOf = (ratio: Estimate) => (ratio.estimate === null && ratio.infinite ? "Inf" : ratio.estimate);
