import { describe, expect, it } from "vitest";
import { mannWhitney } from "@/core/stats/mann-whitney";
import { tTest } from "@/core/stats/t-test";
import { unpairedDeLong } from "@/core/stats/unpaired-delong";
import { expectClose, readCases, readScored } from "./oracle";

interface T {
  t: number | null;
  df: number | null;
  p: number | null;
  ci95: [number | null, number | null];
}
interface Case {
  id: string;
  input: { x: number[]; y: number[] };
  expected: {
    difference: number;
    student: T;
    welch: T;
    mann_whitney: { u: number; p_normal: number | null; p_normal_cc: number | null; p_exact: number | null };
  };
}

describe("two independent groups agree with R", () => {
  it.each(readCases<Case>("t_test").map((each) => [each.id, each] as const))("%s", (_, { input, expected }) => {
    for (const variances of ["student", "welch"] as const) {
      const result = tTest({ first: input.x, second: input.y, variances });
      expectClose(result.difference.estimate, expected.difference, { what: "difference" });
      expectClose(result.t, expected[variances].t, { what: `${variances}, t` });
      expectClose(result.df, expected[variances].df, { what: `${variances}, df` });
      expectClose(result.p, expected[variances].p, { what: `${variances}, P` });
      expectClose(result.difference.lower, expected[variances].ci95[0], { what: `${variances}, lower` });
      expectClose(result.difference.upper, expected[variances].ci95[1], { what: `${variances}, upper` });
    }
    const ranks = mannWhitney({ first: input.x, second: input.y });
    expectClose(ranks.u, expected.mann_whitney.u, { what: "U" });
    expectClose(ranks.pNormal, expected.mann_whitney.p_normal, { what: "P, normal" });
    expectClose(ranks.pNormalCorrected, expected.mann_whitney.p_normal_cc, { what: "P, corrected" });
    expectClose(ranks.pExact, expected.mann_whitney.p_exact, { what: "P, exact" });
  });

  it("an empty group has no test, and a missing value is refused by position", () => {
    expect(tTest({ first: [], second: [1], variances: "welch" })).toMatchObject({
      difference: { estimate: null },
      p: null,
    });
    expect(mannWhitney({ first: [], second: [1] })).toMatchObject({ u: null, pNormal: null });
    expect(() => mannWhitney({ first: [1, Number.NaN], second: [1] })).toThrow("first[1] is NaN");
  });
});

interface Unpaired {
  id: string;
  input: { dataset1: string; score1: string; dataset2: string; score2: string };
  expected: {
    auc1: number;
    auc2: number;
    difference: number;
    se_difference: number | null;
    statistic: number | null;
    df: number | null;
    p_t: number | null;
    p_z: number | null;
    ci95_z: [number | null, number | null];
  };
}

describe("areas of two independent samples agree with pROC", () => {
  it.each(readCases<Unpaired>("delong_unpaired").map((each) => [each.id, each] as const))(
    "%s",
    (_, { input, expected }) => {
      const result = unpairedDeLong({
        first: readScored(input.dataset1, input.score1),
        second: readScored(input.dataset2, input.score2),
      });
      expectClose(result.first, expected.auc1);
      expectClose(result.second, expected.auc2);
      expectClose(result.difference.estimate, expected.difference);
      expectClose(result.standardError, expected.se_difference, { what: "se" });
      expectClose(result.statistic, expected.statistic, { what: "statistic" });
      expectClose(result.df, expected.df, { what: "df" });
      expectClose(result.pStudent, expected.p_t, { what: "P, t" });
      expectClose(result.pNormal, expected.p_z, { what: "P, normal" });
      expectClose(result.difference.lower, expected.ci95_z[0], { what: "lower" });
      expectClose(result.difference.upper, expected.ci95_z[1], { what: "upper" });
    },
  );

  it("have no test where a sample lacks a class", () => {
    const one = { truth: [1, 1], score: [1, 2] };
    expect(unpairedDeLong({ first: one, second: one })).toMatchObject({
      difference: { estimate: null },
      pNormal: null,
    });
  });
});
