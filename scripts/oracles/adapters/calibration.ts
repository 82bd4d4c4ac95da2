import { z } from "zod";
import { type Calibration, calibration } from "@/core/stats/network/calibration";
import { type Context, defineAdapter, limitsOf, scored } from "../context";

const options = { clip: z.number().nullable(), g: z.number() };
const input = z.union([
  z.strictObject({ dataset: z.string(), score: z.string(), ...options }),
  z.strictObject({ truth: z.array(z.number()), p: z.array(z.number()), ...options }),
]);

export const adapter = defineAdapter(input, (given, context) => {
  const { clip, g } = given;
  const found = calibration({ ...predictedOf(given, context), clip, groups: g });
  return {
    n: found.n,
    events: found.events,
    mean_p: found.meanProbability,
    observed: found.observed,
    brier: found.brier,
    brier_null: found.brierOfPrevalence,
    brier_skill: found.brierSkill,
    log_loss: found.logLoss,
    spiegelhalter_z: found.spiegelhalter?.z ?? null,
    spiegelhalter_p: found.spiegelhalter?.p ?? null,
    calibration_in_the_large: inTheLarge(found),
    logistic_recalibration: recalibration(found),
    hosmer_lemeshow: hosmerLemeshow(found, g),
    ece10: found.ece,
    mce10: found.mce,
    bins10: found.bins.map(({ n, meanProbability, observed }) => ({ n, mean_p: meanProbability, observed })),
  };
});

function predictedOf(given: z.infer<typeof input>, context: Context) {
  if ("p" in given) return { truth: given.truth, probability: given.p };
  const { truth, score } = scored(context, given.dataset, given.score);
  return { truth, probability: score };
}

function inTheLarge({ inTheLarge: { intercept, standardError, p } }: Calibration) {
  return intercept.estimate === null ? null : { intercept: intercept.estimate, se: standardError, p };
}

function recalibration({ recalibration: fit }: Calibration) {
  const { intercept, slope } = fit;
  if (slope.estimate === null) return null;
  return {
    intercept: intercept.estimate,
    intercept_se: fit.interceptStandardError,
    slope: slope.estimate,
    slope_se: fit.slopeStandardError,
    slope_ci95: limitsOf(slope),
    deviance: fit.deviance,
  };
}

function hosmerLemeshow({ hosmerLemeshow: test }: Calibration, wanted: number) {
  if ("reason" in test) return null;
  return {
    g_requested: wanted,
    groups: test.groups.length,
    chi2: test.chiSquare,
    df: test.df,
    p: test.p,
    observed_events: test.groups.map(({ observed }) => observed),
    expected_events: test.groups.map(({ expected }) => expected),
    group_n: test.groups.map(({ n }) => n),
  };
}
