import { z } from "zod";
import { mcnemar } from "@/core/stats/paired/mcnemar";
import {
  agrestiMinLimits,
  bonettPriceLimits,
  newcombeLimits,
  tangoLimits,
  waldLimits,
} from "@/core/stats/paired/paired-difference";
import type { PairedCounts } from "@/core/stats/types";
import { defineAdapter } from "../context";

const count = z.number();

export const adapter = defineAdapter(z.strictObject({ a: count, b: count, c: count, d: count }), ({ a, b, c, d }) => {
  const counts = { both: a, firstOnly: b, secondOnly: c, neither: d };
  const test = mcnemar({ ...counts, tail: "two-sided" });
  const ratio = test.oddsRatio;
  const limits = (of: (counts: PairedCounts) => [number, number]) => (test.n === 0 ? [null, null] : of(counts));
  return {
    discordant: test.discordant,
    p_exact: test.pExact,
    p_midp: test.pMid,
    chi2: test.chiSquare,
    p_chi2: test.pAsymptotic,
    chi2_cc: test.chiSquareCorrected,
    p_chi2_cc: test.pCorrected,
    p1: test.n === 0 ? null : (a + b) / test.n,
    p2: test.n === 0 ? null : (a + c) / test.n,
    difference: test.difference.estimate,
    odds_ratio_conditional: ratio === null ? null : "infinite" in ratio ? "Inf" : ratio.estimate,
    ci95_wald: limits(waldLimits),
    ci95_newcombe10: limits((each) => newcombeLimits(each)),
    ci95_newcombe8: limits((each) => newcombeLimits(each, "method 8")),
    ci95_bonett_price: limits(bonettPriceLimits),
    ci95_agresti_min: limits(agrestiMinLimits),
    ci95_tango: limits(tangoLimits),
  };
});
