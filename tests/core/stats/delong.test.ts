import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pairedDeLong } from "@/core/stats/delong";
import { expectClose, readCases, readScored } from "./oracle";
import { scored } from "./scored";

interface Case {
  id: string;
  input: { dataset: string; score1: string; score2: string };
  expected: {
    auc1: number;
    auc2: number;
    difference: number;
    se_difference: number | null;
    z: number | null;
    p: number | null;
    ci95_difference: [number | null, number | null];
  };
}

describe("the paired DeLong test agrees with pROC", () => {
  it.each(readCases<Case>("delong_paired").map((each) => [each.id, each] as const))("%s", (_, { input, expected }) => {
    const { truth, score } = readScored(input.dataset, input.score1);
    const result = pairedDeLong({ truth, first: score, second: readScored(input.dataset, input.score2).score });
    expectClose(result.first, expected.auc1, { what: "auc1" });
    expectClose(result.second, expected.auc2, { what: "auc2" });
    expectClose(result.difference.estimate, expected.difference, { what: "difference" });
    expectClose(result.standardError, expected.se_difference, { what: "se" });
    expectClose(result.z, expected.z, { what: "z" });
    expectClose(result.p, expected.p, { what: "p" });
    expectClose(result.difference.lower, expected.ci95_difference[0], { what: "lower" });
    expectClose(result.difference.upper, expected.ci95_difference[1], { what: "upper" });
  });
});

describe("the paired DeLong test", () => {
  it("changes sign, and nothing else, when the scores change places", () => {
    fc.assert(
      fc.property(scored, ({ truth, score }) => {
        const other = score.map((value, i) => (value * 7 + i) % 5);
        const forth = pairedDeLong({ truth, first: score, second: other });
        const back = pairedDeLong({ truth, first: other, second: score });
        expectClose(back.difference.estimate, forth.difference.estimate === null ? null : -forth.difference.estimate);
        expectClose(back.p, forth.p);
      }),
    );
  });

  it("has no P value for identical scores, which it does have for different ones", () => {
    const truth = [0, 0, 0, 1, 1, 1];
    const first = [1, 2, 4, 3, 5, 6];
    expect(pairedDeLong({ truth, first, second: first })).toMatchObject({ p: null, standardError: 0 });
    expect(pairedDeLong({ truth, first, second: [1, 5, 2, 3, 4, 6] }).p).toBeGreaterThan(0);
  });

  it("is not estimable without both classes", () => {
    expect(pairedDeLong({ truth: [1], first: [1], second: [2] }).difference).toMatchObject({ estimate: null });
  });
});
