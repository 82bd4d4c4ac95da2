import { binomialCdf, binomialPmf, chiSquareUpperTail } from "./distributions";
import { checkCounts } from "./input";
import { newcombePaired } from "./newcombe-paired";
import type { Estimate } from "./types";

export interface PairedCounts {
  both: number;
  firstOnly: number;
  secondOnly: number;
  neither: number;
}

export interface McNemar {
  n: number;
  discordant: number;
  /** Proportion of the first less proportion of the second, Newcombe's interval. */
  difference: Estimate;
  /** Exact conditional, two-sided. */
  pExact: number;
  /** Mid-p: recommended by Fagerland, Lydersen and Laake. */
  pMid: number;
  /** (b - c)² / (b + c) without continuity correction; null without discordant pairs. */
  chiSquare: number | null;
  pAsymptotic: number | null;
}

/**
 * Paired binary reads of the same images: the McNemar tests.
 *
 * McNemar Q. Psychometrika 1947;12:153-157; mid-p by Fagerland MW, Lydersen S, Laake P. BMC Med Res Methodol 2013;13:91 (there the
 * recommended test): 2 min(P(X<b) + P(X=b)/2, P(X>b) + P(X=b)/2), X binomial (b + c, 1/2). Assumes independent images. Without
 * discordant pairs exact and mid-p are 1; without any pair the difference is not estimable.
 * @throws StatsError when a count is not a whole number, 0 or more
 */
export function mcnemar(counts: PairedCounts & { method?: string }): McNemar {
  const { both, firstOnly, secondOnly, neither, method } = counts;
  checkCounts({ both, firstOnly, secondOnly, neither });
  const discordant = firstOnly + secondOnly;
  const fewer = Math.min(firstOnly, secondOnly);
  const tail = binomialCdf(fewer, discordant, 0.5);
  const chiSquare = discordant === 0 ? null : (firstOnly - secondOnly) ** 2 / discordant;
  return {
    n: both + discordant + neither,
    discordant,
    difference: newcombePaired({ both, firstOnly, secondOnly, neither, ...(method === undefined ? {} : { method }) }),
    pExact: Math.min(1, 2 * tail),
    pMid: Math.min(1, 2 * tail - binomialPmf(fewer, discordant, 0.5)),
    chiSquare,
    pAsymptotic: chiSquare === null ? null : chiSquareUpperTail(chiSquare, 1),
  };
}
