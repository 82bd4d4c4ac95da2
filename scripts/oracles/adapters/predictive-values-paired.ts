import { z } from "zod";
import {
  comparePredictiveValues,
  type PredictiveValueComparison,
  relativeProportion,
} from "@/core/stats/paired/predictive-values";
import { defineAdapter, scored } from "../context";

const counts = z.strictObject({ both: z.number(), only1: z.number(), only2: z.number(), neither: z.number() });
const input = z.strictObject({
  dataset: z.string().optional(),
  score1: z.string().optional(),
  score2: z.string().optional(),
  diseased: counts,
  non_diseased: counts,
});

export const adapter = defineAdapter(input, ({ dataset, score1, score2, diseased, non_diseased }, context) => {
  if (dataset !== undefined) {
    const [first, second] = [scored(context, dataset, score1 ?? ""), scored(context, dataset, score2 ?? "")];
    checkCounted(first, second.score, 1, diseased);
    checkCounted(first, second.score, 0, non_diseased);
  }
  const { ppv, npv } = comparePredictiveValues({ diseased: paired(diseased), nonDiseased: paired(non_diseased) });
  const called = relativeProportion(paired(diseased));
  const cleared = relativeProportion(paired({ ...swapped(non_diseased) }));
  return {
    generalized_score: { ppv: scoreOf(ppv, "generalizedScore"), npv: scoreOf(npv, "generalizedScore") },
    weighted_generalized_score: {
      ppv: scoreOf(ppv, "weightedGeneralizedScore"),
      npv: scoreOf(npv, "weightedGeneralizedScore"),
    },
    relative_predictive_values: { ppv: relativeOf(ppv, "ppv"), npv: relativeOf(npv, "npv") },
    relative_sensitivity: called && ratioOf(called, "sens"),
    relative_specificity: cleared && ratioOf(cleared, "spec"),
  };
});

type Counts = z.infer<typeof counts>;

/** @throws Error when the counts of a case are not those of the data set it names */
function checkCounted(first: { truth: number[]; score: number[] }, second: number[], of: 0 | 1, given: Counts): void {
  const count = (a: number, b: number) =>
    first.truth.filter((truth, i) => truth === of && first.score[i] === a && second[i] === b).length;
  const found = { both: count(1, 1), only1: count(1, 0), only2: count(0, 1), neither: count(0, 0) };
  if (JSON.stringify(found) !== JSON.stringify({ ...found, ...given }))
    throw new Error(`the data set has ${JSON.stringify(found)}, the case says ${JSON.stringify(given)}`);
}

const paired = ({ both, only1, only2, neither }: Counts) => ({ both, firstOnly: only1, secondOnly: only2, neither });

/** The same pairs counted by negative calls. */
const swapped = ({ both, only1, only2, neither }: Counts): Counts => ({
  both: neither,
  only1: only2,
  only2: only1,
  neither: both,
});

function scoreOf(value: PredictiveValueComparison | null, which: "generalizedScore" | "weightedGeneralizedScore") {
  if (!value) return null;
  const test = value[which];
  const { first, second, difference } = value;
  return { test1: first, test2: second, diff: difference, statistic: test?.statistic ?? null, p: test?.p ?? null };
}

function relativeOf(value: PredictiveValueComparison | null, name: "ppv" | "npv") {
  if (!value?.relative) return null;
  const { ratio, logStandardError, limits, z: statistic, p } = value.relative;
  return {
    test1: value.first,
    test2: value.second,
    [`r${name}`]: ratio,
    [`se_log_r${name}`]: logStandardError,
    [`lcl_r${name}`]: limits[0],
    [`ucl_r${name}`]: limits[1],
    statistic,
    p,
  };
}

type Ratio = NonNullable<ReturnType<typeof relativeProportion>>;

const ratioOf = ({ first, second, ratio, logStandardError, limits, p }: Ratio, name: "sens" | "spec") => ({
  test1: first,
  test2: second,
  [`rel_${name}`]: ratio,
  [`se_log_rel_${name}`]: logStandardError,
  [`lcl_rel_${name}`]: limits[0],
  [`ucl_rel_${name}`]: limits[1],
  [`pval_rel_${name}`]: p,
});
