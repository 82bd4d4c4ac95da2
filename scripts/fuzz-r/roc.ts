import { auc, aucAgainstChance } from "@/core/stats/roc/auc";
import { bestCutoffs, cutoffKeeping } from "@/core/stats/roc/cutoff";
import { pairedDeLong } from "@/core/stats/roc/delong";
import { partialAuc } from "@/core/stats/roc/partial-auc";
import { unpairedDeLong } from "@/core/stats/roc/unpaired-delong";
import type { Tail } from "@/core/stats/types";
import { limitsOf } from "@/scripts/oracles/context";
import { type Draw, drawDirection, drawScore, drawSecondScore, drawTail, drawTruth, rounded } from "./draw";
import { defineFamily } from "./family";

function drawScored(draw: Draw) {
  const truth = drawTruth(draw);
  return { truth, score: drawScore(draw, truth), direction: drawDirection(draw) };
}

const tails: readonly Tail[] = ["two-sided", "greater", "less"];

export const rocFamilies = [
  defineFamily({
    name: "auc",
    weight: 10,
    draw: drawScored,
    compute: (input) => {
      const found = auc(input);
      return {
        auc: found.auc.estimate,
        ci: limitsOf(found.auc),
        variance: found.variance,
        unclipped: found.unclipped ?? [null, null],
        logit: found.logit ?? [null, null],
        hanleyMcNeil: found.hanleyMcNeil,
        u: found.mannWhitneyU,
        gini: found.gini,
        z: aucAgainstChance({ ...input, tail: "two-sided" })?.z ?? null,
        p: tails.map((tail) => aucAgainstChance({ ...input, tail })?.p ?? null),
      };
    },
  }),
  defineFamily({
    name: "paired-delong",
    weight: 8,
    draw: (draw) => {
      const { score: first, ...rest } = drawScored(draw);
      return { ...rest, first, second: drawSecondScore(draw, rest.truth, first), tail: drawTail(draw) };
    },
    compute: (input) => {
      const found = pairedDeLong(input);
      return {
        areas: [found.first, found.second],
        variances: [found.firstVariance, found.secondVariance, found.covariance],
        difference: found.difference.estimate,
        se: found.standardError,
        z: found.z,
        p: found.p,
        ci: limitsOf(found.difference),
      };
    },
  }),
  defineFamily({
    name: "unpaired-delong",
    weight: 4,
    draw: (draw) => ({ first: drawScored(draw), second: drawScored(draw), tail: drawTail(draw) }),
    compute: (input) => {
      const found = unpairedDeLong(input);
      return {
        difference: found.difference.estimate,
        se: found.standardError,
        statistic: found.statistic,
        df: found.df,
        pStudent: found.pStudent,
        pNormal: found.pNormal,
        ci: limitsOf(found.difference),
      };
    },
  }),
  defineFamily({
    name: "partial-auc",
    weight: 6,
    draw: (draw) => {
      const at = () =>
        draw.isOne(0.5) ? draw.whole(0, 20) / 20 : draw.isOne(0.2) ? draw.whole(0, 1) : draw.fraction();
      const [a, b] = [at(), at()];
      const [from, to] = a === b ? [0, 1] : [Math.min(a, b), Math.max(a, b)];
      return { ...drawScored(draw), over: draw.pick(["specificity", "sensitivity"] as const), from, to };
    },
    compute: partialAuc,
  }),
  defineFamily({
    name: "cutoffs",
    weight: 6,
    draw: (draw) => {
      const keep = draw.pick(["specificity", "sensitivity"] as const);
      return { ...drawScored(draw), keep, atLeast: draw.isOne(0.5) ? rounded(draw.fraction(), 1) : draw.fraction() };
    },
    compute: (input) => {
      const { youden, topLeft } = bestCutoffs(input);
      const kept = cutoffKeeping(input);
      return {
        j: youden.j,
        youden: youden.cutoffs,
        distanceSquared: topLeft.distanceSquared,
        topLeft: topLeft.cutoffs,
        kept: kept && {
          reaches: kept[input.keep] >= input.atLeast - 1e-12,
          other: kept[input.keep === "specificity" ? "sensitivity" : "specificity"],
        },
      };
    },
  }),
];
