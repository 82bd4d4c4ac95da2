import { describe, expect, it } from "vitest";
import {
  betaCdf,
  betaQuantile,
  binomialCdf,
  binomialPmf,
  chiSquareUpperTail,
  fUpperTail,
  hypergeometricCdf,
  hypergeometricPmf,
  normalCdf,
  normalQuantile,
  normalUpperTail,
  studentCdf,
  studentQuantile,
  studentTwoSidedP,
} from "@/core/stats/distributions";
import { expectClose, readCases } from "./oracle";

type Distribution = (...args: [number, number, number, number]) => number;
const implemented: Record<string, Distribution> = {
  norm_cdf: normalCdf,
  norm_sf: normalUpperTail,
  norm_quantile: normalQuantile,
  chi2_sf: chiSquareUpperTail,
  binom_pmf: binomialPmf,
  binom_cdf: binomialCdf,
  t_cdf: studentCdf,
  t_two_sided_p: studentTwoSidedP,
  t_quantile: studentQuantile,
  f_sf: fUpperTail,
  beta_cdf: betaCdf,
  beta_quantile: betaQuantile,
  hyper_pmf: hypergeometricPmf,
  hyper_cdf: hypergeometricCdf,
};

describe("the distributions agree with R", () => {
  const cases = readCases<{ fn: string; args: [number, number, number, number]; value: number }>("distributions");
  it("all of them", () => expect(new Set(cases.map(({ fn }) => fn))).toEqual(new Set(Object.keys(implemented))));
  it.each(Object.entries(implemented))("%s", (name, fn) => {
    const own = cases.filter((each) => each.fn === name);
    expect(own.length).toBeGreaterThan(4);
    // Quantiles: 1e-9, as the oracle file grants. No absolute part but at 0: far tails must be right in their own size.
    const relative = name.endsWith("quantile") ? 1e-9 : 1e-10;
    for (const { args, value } of own) {
      expectClose(fn(...args), value, { relative, absolute: value === 0 ? 1e-15 : 0, what: `${name}(${args})` });
    }
  });
});

describe("arguments outside the domain", () => {
  it("are refused by name", () => {
    expect(() => normalQuantile(0)).toThrow("p is 0");
    expect(() => chiSquareUpperTail(1, 0)).toThrow("df is 0");
  });
});
