import { z } from "zod";
import { mcnemar } from "../../../core/stats/paired/mcnemar";
import {
  agrestiMinLimits,
  bonettPriceLimits,
  newcombeLimits,
  tangoLimits,
  waldLimits,
} from "../../../core/stats/paired/paired-difference";
import { defineAdapter } from "../context";

const count = z.number();

export const adapter = defineAdapter(z.strictObject({ a: count, b: count, c: count, d: count }), ({ a, b, c, d }) => {
  const counts = { both: a, firstOnly: b, secondOnly: c, neither: d };
  const test = mcnemar({ ...counts, tail: "two-sided" });
  const ratio = test.oddsRatio;
  return {
    discordant: test.discordant,
    p_exact: test.pExact,
    p_midp: test.pMid,
    chi2: test.chiSquare,
    p_chi2: test.pAsymptotic,
    chi2_cc: test.chiSquareCorrected,
    p_chi2_cc: test.pCorrected,
    p1: (a + b) / test.n,
    p2: (a + c) / test.n,
    difference: test.difference.estimate,
    odds_ratio_conditional: ratio === null ? null : "infinite" in ratio ? "Inf" : ratio.estimate,
    ci95_wald: waldLimits(counts),
    ci95_newcombe10: newcombeLimits(counts),
    ci95_newcombe8: newcombeLimits(counts, "method 8"),
    ci95_bonett_price: bonettPriceLimits(counts),
    ci95_agresti_min: agrestiMinLimits(counts),
    ci95_tango: tangoLimits(counts),
  };
});
