import { adjustP } from "@/core/stats/groups/adjust-p";
import { mannWhitney } from "@/core/stats/groups/mann-whitney";
import { tTest } from "@/core/stats/groups/t-test";
import type { Tail } from "@/core/stats/types";
import { limitsOf } from "@/scripts/oracles/context";
import { type Draw, drawValues, rounded } from "./draw";
import { defineFamily } from "./family";

const tails: readonly Tail[] = ["two-sided", "greater", "less"];

function drawGroups(draw: Draw) {
  const most = draw.pick([2, 6, 20, 60]);
  return { first: drawValues(draw, draw.whole(1, most)), second: drawValues(draw, draw.whole(1, most)) };
}

export const groupFamilies = [
  defineFamily({
    name: "t-test",
    weight: 6,
    draw: (draw) => ({ ...drawGroups(draw), variances: draw.pick(["welch", "student"] as const) }),
    compute: (input) => {
      const found = tTest({ ...input, tail: "two-sided" });
      return {
        difference: [found.difference.estimate, ...limitsOf(found.difference)],
        t: found.t,
        df: found.df,
        p: tails.map((tail) => tTest({ ...input, tail }).p),
        means: found.means,
        sds: found.standardDeviations,
        cohensD: found.cohensD,
      };
    },
  }),
  defineFamily({
    name: "mann-whitney",
    weight: 6,
    draw: drawGroups,
    compute: (input) => {
      const found = tails.map((tail) => mannWhitney({ ...input, tail }));
      return {
        u: found.map(({ u }) => u),
        probability: found.map(({ probability }) => probability),
        exact: found.map(({ pExact }) => pExact),
        normal: found.map(({ pNormal }) => pNormal),
        corrected: found.map(({ pNormalCorrected }) => pNormalCorrected),
      };
    },
  }),
  defineFamily({
    name: "p-adjust",
    weight: 5,
    draw: (draw) => {
      const digits = draw.pick([1, 2, 3, 15]);
      const power = draw.pick([1, 3, 8]);
      return {
        p: draw.many(draw.whole(0, draw.pick([3, 8, 25])), () =>
          draw.isOne(0.05) ? null : draw.isOne(0.05) ? draw.pick([0, 1]) : rounded(draw.fraction() ** power, digits),
        ),
      };
    },
    compute: ({ p }) => ({
      bonferroni: adjustP(p, "bonferroni"),
      holm: adjustP(p, "holm"),
      hochberg: adjustP(p, "hochberg"),
      hommel: adjustP(p, "hommel"),
      bh: adjustP(p, "bh"),
      by: adjustP(p, "by"),
    }),
  }),
];
