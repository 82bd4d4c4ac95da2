import { z } from "zod";
import { contingency, type Ratio } from "@/core/stats/groups/contingency";
import { fisherExact } from "@/core/stats/groups/fisher-exact";
import { freemanHalton } from "@/core/stats/groups/freeman-halton";
import { defineAdapter } from "../context";

export const adapter = defineAdapter(z.strictObject({ table: z.array(z.array(z.number())) }), ({ table }) => {
  const { test, corrected, oddsRatio: crossProduct } = contingency(table);
  const chi2 = {
    chi2: test?.chiSquare ?? null,
    df: test?.df ?? null,
    p: test?.p ?? null,
    min_expected: test?.minExpected ?? null,
    cramers_v: test?.cramersV ?? null,
  };
  if (table.length !== 2 || table[0]?.length !== 2) return { ...chi2, fisher_p: freemanHalton(table).p };
  const { p, oddsRatio } = fisherExact({ table, tail: "two-sided", tolerance: toleranceOfR });
  return {
    ...chi2,
    fisher_p: p,
    chi2_yates: corrected?.chiSquare ?? null,
    p_yates: corrected?.p ?? null,
    // Where the margins leave one table only, R prints 0; it is not estimable, with limits 0 and infinite.
    fisher_or_cmle: oddsRatio.value ? ratio(oddsRatio.value) : 0,
    fisher_or_ci95: [oddsRatio.lower, ratio(oddsRatio.upper)],
    sample_or: crossProduct ? ratio(crossProduct) : null,
  };
});

/** The file holds what R's `uniroot` stops at, digits that do not hold included. */
const toleranceOfR = Number.EPSILON ** 0.25;

const ratio = (of: Ratio): number | "Inf" => ("infinite" in of ? "Inf" : of.estimate);
