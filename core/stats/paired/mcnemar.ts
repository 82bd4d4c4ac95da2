import type { Said } from "../../words";
import { binomialCdf, binomialPmf, chiSquareUpperTail } from "../distributions";
import { checkCounts } from "../input";
import { because, by, type Estimate, notEstimable, type PairedCounts, type Tail } from "../types";
import { newcombeLimits } from "./paired-difference";

export interface McNemar {
  n: number;
  discordant: number;
  /** Proportion of the first less proportion of the second, Newcombe's interval. */
  difference: Estimate;
  /** Exact conditional. */
  pExact: number;
  /** Mid-p: recommended by Fagerland, Lydersen and Laake. */
  pMid: number;
  /** (b - c)² / (b + c) without continuity correction, two-sided; null without discordant pairs. */
  chiSquare: number | null;
  pAsymptotic: number | null;
  /** Edwards' continuity correction, (|b - c| - 1)² / (b + c), two-sided. */
  chiSquareCorrected: number | null;
  pCorrected: number | null;
  /** b / c, the conditional estimate; null without discordant pairs, infinite when only the first was positive alone. */
  oddsRatio: { estimate: number } | { infinite: true } | null;
}

/**
 * Paired binary reads of the same units: the McNemar tests.
 *
 * McNemar Q. Psychometrika 1947;12:153-157; Edwards AL. Psychometrika 1948;13:185-187 (correction); mid-p by Fagerland MW, Lydersen S,
 * Laake P. BMC Med Res Methodol 2013;13:91 (there the recommended test): 2 min(P(X<b) + P(X=b)/2, P(X>b) + P(X=b)/2), X binomial
 * (b + c, 1/2). Assumes independent units; for several images a patient take `clusteredMcNemar`. Without discordant pairs exact and mid-p
 * are 1; without any pair the difference is not estimable.
 * @param options.tail of the exact and mid-p test; `greater`: the first proportion exceeds the second
 * @example mcnemar({ both: 1, firstOnly: 1, secondOnly: 7, neither: 12, tail: "two-sided" }).pMid // 0.0391
 * @throws StatsError when a count is not a whole number, 0 or more
 */
export function mcnemar(options: PairedCounts & { tail: Tail; method?: Said }): McNemar {
  const { both, firstOnly, secondOnly, neither, tail, method = by("newcombe") } = options;
  checkCounts({ both, firstOnly, secondOnly, neither });
  const discordant = firstOnly + secondOnly;
  const n = both + discordant + neither;
  const gap = Math.abs(firstOnly - secondOnly);
  const chiSquare = discordant === 0 ? null : gap ** 2 / discordant;
  const corrected = discordant === 0 ? null : Math.max(0, gap - 1) ** 2 / discordant;
  const pOf = (value: number | null) => (value === null ? null : chiSquareUpperTail(value, 1));
  const extreme = tail === "two-sided" ? Math.min(firstOnly, secondOnly) : tail === "greater" ? secondOnly : firstOnly;
  const [below, at] = [binomialCdf(extreme, discordant, 0.5), binomialPmf(extreme, discordant, 0.5)];
  const sides = tail === "two-sided" ? 2 : 1;
  return {
    n,
    discordant,
    difference:
      n === 0
        ? notEstimable({ reason: because("no_image_under_both"), method, n })
        : withLimits((firstOnly - secondOnly) / n, newcombeLimits(options), method, n),
    pExact: Math.min(1, sides * below),
    pMid: Math.min(1, sides * (below - at / 2)),
    chiSquare,
    pAsymptotic: pOf(chiSquare),
    chiSquareCorrected: corrected,
    pCorrected: pOf(corrected),
    oddsRatio: discordant === 0 ? null : secondOnly === 0 ? { infinite: true } : { estimate: firstOnly / secondOnly },
  };
}

const withLimits = (estimate: number, [lower, upper]: [number, number], method: Said, n: number): Estimate => ({
  estimate,
  lower,
  upper,
  method,
  n,
});
