import { describe, expect, it } from "vitest";
import { type PlannedContrast, primaryAnswer } from "@/core/stats/comparison/primary-answer";
import type { ReaderAverage } from "@/core/stats/comparison/reader-averages";
import { saying } from "@/tests/support/said";

const method = { key: "stats.method.share" } as const;
const test = (estimate: number, lower: number, upper: number) => ({
  difference: { estimate, lower, upper, method, n: 100 },
  df: 40,
  p: 0.2,
});
const average = (about: Partial<ReaderAverage>): ReaderAverage => ({
  kind: "condition",
  ...{ first: "C1", second: "C2", readers: ["R2", "R3"], measure: "auc", n: 100, reads: 390, possible: 400 },
  averages: [0.8, 0.82],
  fixed: { ...test(-0.02, -0.04, 0.01), pHolm: null },
  random: { ...test(-0.02, -0.3, 0.28), p: null },
  unbiased: { variance: null, df: null, p: null },
  complete: null,
  leftOut: [],
  ...about,
});
const plan = (about: Partial<PlannedContrast>): PlannedContrast => ({
  ...{ first: "C2", second: "C1", measure: "auc", readers: "fixed", margin: null },
  ...about,
});
const averages = [
  average({}),
  average({ kind: "network", first: null, fixed: { ...test(0.05, 0.01, 0.09), pHolm: 0.1 } }),
];

describe("the primary answer", () => {
  it("is the planned contrast and no other, turned to first less second", () => {
    expect(primaryAnswer(averages, plan({}))).toMatchObject({
      difference: { estimate: 0.02, lower: -0.01, upper: 0.04 },
      averagedOver: ["R2", "R3"],
      ...{ p: 0.2, df: 40, n: 100, reads: 390, possible: 400 },
    });
    expect(primaryAnswer(averages, plan({ first: "C1", second: "C2" }))?.difference.estimate).toBe(-0.02);
    expect(primaryAnswer(averages, plan({ first: null, second: "C2" }))?.difference.estimate).toBe(0.05);
    // Too few readers for a test of readers like these: nothing is concluded from the interval either.
    expect(primaryAnswer(averages, plan({ readers: "random" }))).toMatchObject({
      ...{ p: null, verdict: null },
      difference: { upper: 0.3 },
    });
    expect(primaryAnswer(averages, null)).toBeNull();
  });

  it("concludes what the interval and the margin allow, and no more", () => {
    const verdict = (lower: number, upper: number, margin: number | null) =>
      primaryAnswer(
        [average({ first: "C2", second: "C1", fixed: { ...test((lower + upper) / 2, lower, upper), pHolm: null } })],
        plan({ margin }),
      )?.verdict;
    expect([verdict(0.01, 0.1, null), verdict(0.01, 0.1, 0.05)]).toEqual(["better", "better"]);
    expect([verdict(-0.1, -0.01, null), verdict(-0.1, -0.01, 0.05)]).toEqual(["worse", "worse"]);
    expect([verdict(-0.04, 0.1, 0.05), verdict(-0.04, 0.1, null)]).toEqual(["not_worse", "not_shown"]);
    expect([verdict(-0.06, 0.1, 0.05), verdict(-0.05, 0.1, 0.05)]).toEqual(["not_shown", "not_shown"]);
    // Worse beyond doubt, though within the margin: said as worse.
    expect(verdict(-0.04, -0.01, 0.05)).toBe("worse");
  });

  it("without reads or scores of both sides, or with one reader for readers like these, says so and concludes nothing", () => {
    expect(primaryAnswer([average({})], plan({ first: null }))).toMatchObject({
      ...{ verdict: null, p: null, n: 0, averagedOver: [] },
      difference: { estimate: null, reason: saying(/no reads or scores of both sides/) },
    });
    expect(primaryAnswer([average({ random: null })], plan({ readers: "random" }))).toMatchObject({
      verdict: null,
      difference: { estimate: null, reason: saying(/one reader/) },
    });
  });
});
