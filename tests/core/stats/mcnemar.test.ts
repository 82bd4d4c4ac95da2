import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mcnemar } from "@/core/stats/mcnemar";
import { expectClose, readCases } from "./oracle";

interface Case {
  id: string;
  input: { a: number; b: number; c: number; d: number };
  expected: {
    discordant: number;
    p_exact: number;
    p_midp: number;
    chi2: number | null;
    p_chi2: number | null;
    difference: number;
    ci95_newcombe10: [number, number];
  };
}

describe("McNemar's tests and Newcombe's interval agree with R", () => {
  it.each(readCases<Case>("mcnemar").map((each) => [each.id, each] as const))("%s", (_, { input, expected }) => {
    const result = mcnemar({ both: input.a, firstOnly: input.b, secondOnly: input.c, neither: input.d });
    expect(result.discordant).toBe(expected.discordant);
    expectClose(result.pExact, expected.p_exact, { what: "exact" });
    expectClose(result.pMid, expected.p_midp, { what: "mid-p" });
    expectClose(result.chiSquare, expected.chi2, { what: "chi2" });
    expectClose(result.pAsymptotic, expected.p_chi2, { what: "p chi2" });
    expectClose(result.difference.estimate, expected.difference, { what: "difference" });
    expectClose(result.difference.lower, expected.ci95_newcombe10[0], { what: "lower" });
    expectClose(result.difference.upper, expected.ci95_newcombe10[1], { what: "upper" });
  });
});

describe("McNemar's test", () => {
  const count = fc.integer({ min: 0, max: 30 });
  it("gives mid-p at most the exact P, both in 0..1, and a difference inside its interval", () => {
    fc.assert(
      fc.property(count, count, count, count, (both, firstOnly, secondOnly, neither) => {
        const { pExact, pMid, difference } = mcnemar({ both, firstOnly, secondOnly, neither });
        expect(pMid).toBeLessThanOrEqual(pExact + 1e-12);
        expect(pExact).toBeLessThanOrEqual(1);
        expect(pMid).toBeGreaterThan(0);
        if (difference.lower === null || difference.upper === null) return;
        expect(difference.lower).toBeLessThanOrEqual(difference.estimate + 1e-12);
        expect(difference.upper).toBeGreaterThanOrEqual(difference.estimate - 1e-12);
      }),
    );
  });

  it("has no difference to estimate without any pair", () => {
    expect(mcnemar({ both: 0, firstOnly: 0, secondOnly: 0, neither: 0 }).difference.estimate).toBeNull();
  });

  it("refuses what is not a count, by name", () => {
    expect(() => mcnemar({ both: 1, firstOnly: -1, secondOnly: 0, neither: 0 })).toThrow("firstOnly is -1");
  });
});
