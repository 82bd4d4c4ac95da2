import { cohenKappa } from "@/core/stats/agreement/kappa";
import { agrestiCoullLimits, clopperPearsonLimits, jeffreysLimits, wilson } from "@/core/stats/counts/proportion";
import { contingency, type Ratio } from "@/core/stats/groups/contingency";
import { fisherExact } from "@/core/stats/groups/fisher-exact";
import { freemanHalton } from "@/core/stats/groups/freeman-halton";
import { mcnemar } from "@/core/stats/paired/mcnemar";
import {
  agrestiMinLimits,
  bonettPriceLimits,
  newcombeLimits,
  tangoLimits,
  waldLimits,
} from "@/core/stats/paired/paired-difference";
import { limitsOf } from "@/scripts/oracles/context";
import { type Draw, drawTail } from "./draw";
import { defineFamily, tolerance } from "./family";

/** Small tables, many of them with zeros. */
function drawTable(draw: Draw, rows: number, columns: number): number[][] {
  const [most, empty] = [draw.pick([1, 3, 8, 40]), draw.pick([0, 0.2, 0.6])];
  return draw.many(rows, () => draw.many(columns, () => (draw.isOne(empty) ? 0 : draw.whole(0, most))));
}

const ratio = (of: Ratio | null): number | "Inf" | null => of && ("infinite" in of ? "Inf" : of.estimate);

/** Where R's `fisher.test` stops looking for the odds ratio, and so does ours when told to. */
const toleranceOfR = Number.EPSILON ** 0.25;

export const countFamilies = [
  defineFamily({
    name: "mcnemar",
    weight: 5,
    // Tango's limits are sought by bisection here and by uniroot there.
    tolerance: { ...tolerance, exceptions: [{ word: "tango", relative: 1e-7 }] },
    draw: (draw) => ({ cells: drawTable(draw, 2, 2).flat(), tail: drawTail(draw) }),
    compute: ({ cells: [both = 0, firstOnly = 0, secondOnly = 0, neither = 0], tail }) => {
      const counts = { both, firstOnly, secondOnly, neither };
      const found = mcnemar({ ...counts, tail });
      const limits = {
        newcombe10: newcombeLimits,
        newcombe8: (of: typeof counts) => newcombeLimits(of, "method 8"),
        wald: waldLimits,
        bonettPrice: bonettPriceLimits,
        agrestiMin: agrestiMinLimits,
        tango: tangoLimits,
      };
      return {
        exact: found.pExact,
        mid: found.pMid,
        asymptotic: [found.chiSquare, found.pAsymptotic],
        corrected: [found.chiSquareCorrected, found.pCorrected],
        oddsRatio: ratio(found.oddsRatio),
        difference: [found.difference.estimate, ...limitsOf(found.difference)],
        limits:
          found.n === 0 ? null : Object.fromEntries(Object.entries(limits).map(([name, of]) => [name, of(counts)])),
      };
    },
  }),
  defineFamily({
    name: "proportion",
    weight: 5,
    draw: (draw) => {
      const n = draw.whole(1, draw.pick([3, 20, 400, 5000]));
      return { n, events: draw.isOne(0.2) ? draw.pick([0, n]) : draw.whole(0, n) };
    },
    compute: ({ events, n }) => ({
      wilson: limitsOf(wilson({ events, n })),
      clopperPearson: clopperPearsonLimits(events, n),
      agrestiCoull: agrestiCoullLimits(events, n),
      jeffreys: jeffreysLimits(events, n),
    }),
  }),
  defineFamily({
    name: "kappa",
    weight: 6,
    draw: (draw) => {
      const k = draw.pick([1, 2, 2, 3, 4, 5]);
      const table = drawTable(draw, k, k);
      const shape = draw.whole(0, 9);
      if (shape === 0) for (const [i, row] of table.entries()) for (const j of row.keys()) if (i !== j) row[j] = 0;
      if (shape === 1) for (const [i, row] of table.entries()) if (i > 0) row.fill(0);
      return { table, weights: draw.pick(["unweighted", "linear", "quadratic"] as const), tail: drawTail(draw) };
    },
    compute: (input) => {
      const found = cohenKappa(input);
      return {
        n: found.n,
        observed: found.observed,
        expected: found.expected,
        kappa: [found.kappa.estimate, ...limitsOf(found.kappa)],
        se: found.standardError,
        nullSe: found.nullStandardError,
        z: found.z,
        p: found.p,
      };
    },
  }),
  defineFamily({
    name: "contingency",
    weight: 6,
    draw: (draw) => {
      const isFourfold = draw.isOne(0.5);
      const table = isFourfold ? drawTable(draw, 2, 2) : drawTable(draw, draw.whole(2, 4), draw.whole(2, 4));
      const most = Math.max(...table.flat());
      return { table: !isFourfold && most > 8 ? table.map((row) => row.map((cell) => cell % 6)) : table };
    },
    compute: ({ table }) => {
      const { test, corrected, oddsRatio } = contingency(table);
      const about = {
        chiSquare: test && [test.chiSquare, test.df, test.p, test.minExpected, test.cramersV],
        freemanHalton: freemanHalton(table).p,
      };
      if (table.length !== 2 || table[0]?.length !== 2) return about;
      const fisher = fisherExact({ table, tail: "two-sided" });
      const asR = fisherExact({ table, tail: "two-sided", tolerance: toleranceOfR });
      return {
        ...about,
        corrected: corrected && [corrected.chiSquare, corrected.p],
        crossProduct: ratio(oddsRatio),
        fisher: [fisher.p, ...(["greater", "less"] as const).map((tail) => fisherExact({ table, tail }).p)],
        oddsRatioOfR: {
          estimate: ratio(asR.oddsRatio.value),
          lower: asR.oddsRatio.lower,
          upper: ratio(asR.oddsRatio.upper),
        },
        oddsRatio: [ratio(fisher.oddsRatio.value), fisher.oddsRatio.lower, ratio(fisher.oddsRatio.upper)],
      };
    },
  }),
];
