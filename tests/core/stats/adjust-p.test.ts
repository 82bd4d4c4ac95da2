import { describe, expect, it } from "vitest";
import { type Adjustment, adjustP } from "@/core/stats/adjust-p";
import { expectClose, readCases } from "./oracle";

describe("adjustment for multiplicity agrees with R", () => {
  const cases = readCases<{ id: string; input: { p: number[] }; expected: Record<Adjustment, number[]> }>("p_adjust");
  it.each(cases.map((each) => [each.id, each] as const))("%s", (_, { input, expected }) => {
    for (const method of ["bonferroni", "holm", "hochberg", "hommel", "bh", "by"] as const) {
      const adjusted = adjustP(input.p, method);
      expect(adjusted).toHaveLength(expected[method].length);
      for (const [i, value] of adjusted.entries()) expectClose(value, expected[method][i] ?? null, { what: method });
    }
  });
});

describe("Holm's adjustment", () => {
  it("leaves a comparison without a test out of the family", () => {
    expect(adjustP([0.01, null, 0.04], "holm")).toEqual([0.02, null, 0.04]);
  });

  it("refuses what is not a probability", () => {
    expect(() => adjustP([0.2, 1.2], "holm")).toThrow("p[1] is 1.2");
  });
});
