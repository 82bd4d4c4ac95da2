import { calibration } from "@/core/stats/network/calibration";
import { calibrationCurve } from "@/core/stats/network/calibration-curve";
import { netBenefit } from "@/core/stats/network/net-benefit";
import { precisionRecall } from "@/core/stats/roc/precision-recall";
import type { Estimate } from "@/core/stats/types";
import { limitsOf } from "@/scripts/oracles/context";
import { type Draw, drawTruth, rounded } from "./draw";
import { defineFamily } from "./family";

/** Truth and probabilities: calibrated or not, tied or not, sometimes constant, separating, or with 0 and 1. */
function drawPredicted(draw: Draw) {
  const truth = draw.isOne(0.05) ? draw.many(draw.whole(1, 8), () => draw.pick([0, 1])) : drawTruth(draw);
  const [effect, spread, digits] = [draw.pick([0, 0, 1, 3]), draw.pick([0.3, 1, 3]), draw.pick([1, 2, 15])];
  const inside = (p: number) => Math.min(0.95, Math.max(0.05, p));
  const shape = draw.whole(0, 11);
  const constant = inside(draw.fraction());
  const probability = truth.map((y) => {
    if (shape === 0) return constant;
    if (shape === 1) return rounded(inside((y + draw.fraction()) / 2), 2);
    const p = rounded(1 / (1 + Math.exp(-(effect * (y - 0.5) + spread * draw.normal()))), digits);
    return shape === 2 ? p : inside(p);
  });
  return { truth, probability };
}

const estimated = (estimate: Estimate, standardError: number | null) => [
  estimate.estimate,
  standardError,
  ...limitsOf(estimate),
];

export const networkFamilies = [
  defineFamily({
    name: "calibration",
    weight: 5,
    draw: (draw) => ({
      ...drawPredicted(draw),
      clip: draw.pick([null, null, 1e-3, 0.1]),
      groups: draw.pick([2, 5, 10]),
    }),
    compute: (input) => {
      const found = calibration(input);
      const { inTheLarge: large, recalibration: both, hosmerLemeshow: test } = found;
      return {
        brier: [found.brier, found.brierOfPrevalence, found.brierSkill],
        logLoss: found.logLoss,
        spiegelhalter: found.spiegelhalter && [found.spiegelhalter.z, found.spiegelhalter.p],
        inTheLarge: [...estimated(large.intercept, large.standardError), large.p],
        intercept: estimated(both.intercept, both.interceptStandardError),
        slope: estimated(both.slope, both.slopeStandardError),
        deviance: both.deviance,
        hosmerLemeshow:
          "reason" in test
            ? null
            : {
                test: [test.chiSquare, test.df, test.p],
                groups: test.groups.map(({ n, observed, expected }) => [n, observed, expected]),
              },
        bins: found.bins.map(({ n, meanProbability, observed }) => [n, meanProbability, observed]),
        errors: [found.ece, found.mce],
      };
    },
  }),
  defineFamily({
    name: "calibration-curve",
    weight: 4,
    draw: drawPredicted,
    compute: (input) => {
      const found = calibrationCurve(input);
      return {
        x: found.points.map(({ probability }) => probability),
        y: found.points.map(({ observed }) => observed),
        indices: [found.ici, found.e50, found.e90, found.emax],
      };
    },
  }),
  defineFamily({
    name: "net-benefit",
    weight: 2,
    draw: (draw) => {
      const truth = drawTruth(draw);
      const digits = draw.pick([1, 2, 15]);
      const score = truth.map(() => rounded(draw.fraction(), digits));
      return {
        truth,
        score,
        thresholds: draw.many(draw.whole(1, 5), () => Math.min(0.99, rounded(draw.fraction(), 2))),
      };
    },
    compute: (input) => {
      const { averagePrecision } = precisionRecall({ ...input, direction: "higher" });
      return {
        model: netBenefit(input).map(({ model }) => model),
        treatAll: netBenefit(input).map(({ treatAll }) => treatAll),
        averagePrecision: averagePrecision.estimate,
      };
    },
  }),
];
