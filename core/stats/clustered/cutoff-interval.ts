import type { Said } from "../../words";
import { checkRange } from "../input";
import { bestCutoffsOf, cutoffKeepingOf } from "../roc/cutoff";
import { type Ranked, rankScores } from "../roc/ranked-scores";
import type { Estimate, Scored } from "../types";
import { by } from "../types";
import { bootstrapPercentile } from "./bootstrap";
import type { Ids } from "./clusters";

interface Drawing {
  /** One id a unit; null when units are independent. */
  cluster: Ids | null;
  replicates: number;
  /** Numbers in [0, 1), seeded by the caller. */
  random: () => number;
}

/**
 * The best cut-off of a score with a percentile bootstrap interval of clusters (patients), and of what it reaches.
 *
 * Criteria as in `bestCutoffs`; of several that are equally good the least suspicious score is taken, in the sample and in every replicate.
 * The interval says how little a small sample knows about a cut-off; the sensitivity and specificity at a cut-off chosen on the same units
 * stay optimistic (Leeflang MMG et al. Clin Chem 2008;54:729-737).
 * @example bootstrapCutoff({ truth, score, direction: "higher", criterion: "youden", cluster: null, replicates: 2000, random }).threshold
 * @throws StatsError when lengths differ, truth is not 0/1, a class is empty, a score is not finite, or there are fewer than 2 replicates
 */
export function bootstrapCutoff(options: Scored & Drawing & { criterion: "youden" | "top-left" }) {
  const { criterion } = options;
  const ranked = rankScores(options);
  const bestOf = (weights: Float64Array) => {
    const best = bestCutoffsOf(ranked, weights);
    return best && (criterion === "youden" ? best.youden.cutoffs[0] : best.topLeft.cutoffs[0]);
  };
  const of = (what: "threshold" | "sensitivity" | "specificity") =>
    drawn(options, ranked, by("best_cutoff", { what, criterion }), (weights) => bestOf(weights)?.[what] ?? null);
  return { threshold: of("threshold"), sensitivity: of("sensitivity"), specificity: of("specificity") };
}

/**
 * Sensitivity at a fixed specificity (or the reverse) with a percentile bootstrap interval of clusters (patients): in every replicate the
 * cut-off that keeps it is found anew, as in `ci.se` of pROC (Robin X et al. BMC Bioinformatics 2011;12:77), on observed scores only.
 * Not estimable when no score keeps it; replicates without one are left out, with a caution.
 * @param options.keep which of the two is fixed
 * @param options.atLeast its value, 0..1
 * @example bootstrapAtFixed({ truth, score, direction: "higher", keep: "specificity", atLeast: 0.9, cluster: null, replicates: 2000, random })
 * @throws StatsError as `bootstrapCutoff`, or when `atLeast` lies outside 0..1
 */
export function bootstrapAtFixed(
  options: Scored & Drawing & { keep: "sensitivity" | "specificity"; atLeast: number },
): Estimate {
  const { keep, atLeast } = options;
  checkRange({ atLeast }, [0, 1]);
  const ranked = rankScores(options);
  const other = keep === "specificity" ? "sensitivity" : "specificity";
  return drawn(options, ranked, by("at_fixed", { other, keep, atLeast }), (weights) => {
    return cutoffKeepingOf(ranked, weights, { keep, atLeast })?.[other] ?? null;
  });
}

function drawn(
  { cluster, replicates, random }: Drawing,
  { order }: Ranked,
  method: Said,
  statistic: (weights: Float64Array) => number | null,
): Estimate {
  return bootstrapPercentile({ n: order.length, cluster, statistic, replicates, random, method });
}
