import { z } from "zod";
import { agreementIndices, cohenKappa, gwetAc1, type KappaWeights } from "@/core/stats/agreement/kappa";
import { defineAdapter, limitsOf } from "../context";

export const adapter = defineAdapter(z.strictObject({ table: z.array(z.array(z.number())) }), ({ table }) => {
  const of = (weights: KappaWeights) => {
    const result = cohenKappa({ table, weights, tail: "two-sided" });
    return {
      weights,
      po: result.observed,
      pe: result.expected,
      kappa: result.kappa.estimate,
      se: result.standardError,
      ci95: limitsOf(result.kappa),
      se0: result.nullStandardError,
      z: result.z,
      p: result.p,
    };
  };
  const indices = table.length === 2 ? agreementIndices(table) : null;
  return {
    n: table.flat().reduce((sum, cell) => sum + cell, 0),
    unweighted: of("unweighted"),
    linear: of("linear"),
    quadratic: of("quadratic"),
    two_by_two: indices && {
      pabak: indices.pabak,
      prevalence_index: indices.prevalenceIndex,
      bias_index: indices.biasIndex,
      kappa_max: indices.kappaMax,
      positive_agreement: indices.positiveAgreement,
      negative_agreement: indices.negativeAgreement,
      gwet_ac1: gwetAc1(table),
    },
  };
});
