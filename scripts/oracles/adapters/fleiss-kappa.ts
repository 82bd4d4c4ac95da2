import { z } from "zod";
import { fleissKappa } from "@/core/stats/agreement/fleiss-kappa";
import { defineAdapter } from "../context";

export const adapter = defineAdapter(z.strictObject({ counts: z.array(z.array(z.number())) }), ({ counts }) => {
  const found = fleissKappa({ counts, cluster: null, tail: "two-sided" });
  return {
    p_bar: found.observed,
    p_e: found.expected,
    kappa: found.kappa.estimate,
    se0: found.nullStandardError,
    z: found.z,
    p: found.p,
    per_category:
      found.kappa.estimate === null
        ? []
        : {
            kappa: found.categories.map((category) => category?.kappa ?? null),
            se0: found.categoryNullStandardError,
          },
  };
});
