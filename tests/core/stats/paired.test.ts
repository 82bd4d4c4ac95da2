import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mcnemar } from "@/core/stats/paired/mcnemar";
import {
  agrestiMinLimits,
  bonettPriceLimits,
  newcombeLimits,
  tangoLimits,
  waldLimits,
} from "@/core/stats/paired/paired-difference";
import { comparePredictiveValues } from "@/core/stats/paired/predictive-values";
import { expectClose } from "./close";

const count = fc.integer({ min: 0, max: 30 });
const counts = fc.record({ both: count, firstOnly: count, secondOnly: count, neither: count });
type Counts = { both: number; firstOnly: number; secondOnly: number; neither: number };
const swapped = ({ both, firstOnly, secondOnly, neither }: Counts): Counts => {
  return { both, firstOnly: secondOnly, secondOnly: firstOnly, neither };
};

describe("McNemar's test", () => {
  it("gives mid-p at most the exact P, both in 0..1, the same whoever is named first", () => {
    fc.assert(
      fc.property(counts, (table) => {
        const test = mcnemar({ ...table, tail: "two-sided" });
        expect(test.pMid).toBeLessThanOrEqual(test.pExact + 1e-12);
        expect(test.pExact).toBeLessThanOrEqual(1);
        expect(test.pMid).toBeGreaterThan(0);
        const back = mcnemar({ ...swapped(table), tail: "two-sided" });
        expect([back.pExact, back.pMid, back.chiSquare]).toEqual([test.pExact, test.pMid, test.chiSquare]);
        const [more, less] = (["greater", "less"] as const).map((tail) => mcnemar({ ...table, tail }).pMid);
        expectClose((more ?? 0) + (less ?? 0), 1);
      }),
    );
  });

  it("has no difference to estimate without any pair", () => {
    const none = { both: 0, firstOnly: 0, secondOnly: 0, neither: 0 };
    expect(mcnemar({ ...none, tail: "two-sided" }).difference.estimate).toBeNull();
    expect(() => newcombeLimits(none)).toThrow("There is no pair");
  });

  it("refuses what is not a count, by name", () => {
    const table = { both: 1, firstOnly: -1, secondOnly: 0, neither: 0 };
    expect(() => mcnemar({ ...table, tail: "two-sided" })).toThrow("firstOnly is -1");
  });
});

describe("intervals of a paired difference", () => {
  it("mirror when the two change places; those about the estimate contain it, score intervals stay in -1..1", () => {
    fc.assert(
      fc.property(counts, (table) => {
        const n = table.both + table.firstOnly + table.secondOnly + table.neither;
        fc.pre(n > 0);
        const estimate = (table.firstOnly - table.secondOnly) / n;
        for (const limits of [waldLimits, newcombeLimits, tangoLimits, bonettPriceLimits, agrestiMinLimits]) {
          const [lower, upper] = limits(table);
          const [mirroredLower, mirroredUpper] = limits(swapped(table));
          expectClose(mirroredLower, -upper, { absolute: 1e-9 });
          expectClose(mirroredUpper, -lower, { absolute: 1e-9 });
          expect(lower).toBeLessThanOrEqual(upper);
          if (limits === bonettPriceLimits || limits === agrestiMinLimits) continue;
          expect(lower).toBeLessThanOrEqual(estimate + 1e-12);
          expect(upper).toBeGreaterThanOrEqual(estimate - 1e-12);
          if (limits !== waldLimits) expect([lower >= -1, upper <= 1]).toEqual([true, true]);
        }
      }),
    );
  });
});

describe("paired predictive values", () => {
  it("give the same tests whoever is named first, and change the sign of the difference", () => {
    fc.assert(
      fc.property(counts, counts, (diseased, nonDiseased) => {
        const forth = comparePredictiveValues({ diseased, nonDiseased });
        const back = comparePredictiveValues({ diseased: swapped(diseased), nonDiseased: swapped(nonDiseased) });
        for (const of of ["ppv", "npv"] as const) {
          const [a, b] = [forth[of], back[of]];
          if (!a || !b) {
            expect(a).toEqual(b);
            continue;
          }
          expectClose(b.difference, -a.difference);
          expectClose(b.generalizedScore?.p ?? null, a.generalizedScore?.p ?? null, { relative: 1e-6 });
          expectClose(b.weightedGeneralizedScore?.p ?? null, a.weightedGeneralizedScore?.p ?? null, { relative: 1e-6 });
          if (a.relative && b.relative) expectClose(b.relative.ratio, 1 / a.relative.ratio);
        }
      }),
    );
  });

  it("are not compared when a test calls nothing positive", () => {
    const none = { both: 0, firstOnly: 3, secondOnly: 0, neither: 4 };
    expect(comparePredictiveValues({ diseased: none, nonDiseased: none }).ppv).toBeNull();
    expect(comparePredictiveValues({ diseased: none, nonDiseased: none }).npv).not.toBeNull();
  });
});
