import type { Adapter } from "../context";
import { adapter as aiVsReaders } from "./ai-vs-readers";
import { adapter as bootstrapFixed } from "./bootstrap-fixed";
import { adapter as calibration } from "./calibration";
import { adapter as chi2Fisher } from "./chi2-fisher";
import { adapter as clusteredAuc } from "./clustered-auc";
import { adapter as clusteredProportions } from "./clustered-proportions";
import { adapter as cohenKappa } from "./cohen-kappa";
import { adapter as confusionMetrics } from "./confusion-metrics";
import { adapter as delongPaired } from "./delong-paired";
import { adapter as delongUnpaired } from "./delong-unpaired";
import { adapter as distributions } from "./distributions";
import { adapter as fleissKappa } from "./fleiss-kappa";
import { adapter as mcnemar } from "./mcnemar";
import { adapter as mrmcOr } from "./mrmc-or";
import { adapter as mrmcUstat } from "./mrmc-ustat";
import { adapter as netBenefit } from "./net-benefit";
import { adapter as pAdjust } from "./p-adjust";
import { adapter as prAuc } from "./pr-auc";
import { adapter as predictiveValuesPaired } from "./predictive-values-paired";
import { adapter as rocAuc } from "./roc-auc";
import { adapter as sampleSize } from "./sample-size";
import { adapter as tTest } from "./t-test";
import { adapter as youden } from "./youden";

/** By the name of the oracle file. */
export const adapters: ReadonlyMap<string, Adapter> = new Map([
  ["ai_vs_readers", aiVsReaders],
  ["bootstrap_fixed", bootstrapFixed],
  ["calibration", calibration],
  ["chi2_fisher", chi2Fisher],
  ["clustered_auc", clusteredAuc],
  ["clustered_proportions", clusteredProportions],
  ["cohen_kappa", cohenKappa],
  ["confusion_metrics", confusionMetrics],
  ["delong_paired", delongPaired],
  ["delong_unpaired", delongUnpaired],
  ["distributions", distributions],
  ["fleiss_kappa", fleissKappa],
  ["mcnemar", mcnemar],
  ["mrmc_or", mrmcOr],
  ["mrmc_ustat", mrmcUstat],
  ["net_benefit", netBenefit],
  ["p_adjust", pAdjust],
  ["pr_auc", prAuc],
  ["predictive_values_paired", predictiveValuesPaired],
  ["roc_auc", rocAuc],
  ["sample_size", sampleSize],
  ["t_test", tTest],
  ["youden", youden],
]);
