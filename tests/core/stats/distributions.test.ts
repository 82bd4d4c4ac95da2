import { describe, expect, it } from "vitest";
import {
  binomialCdf,
  binomialPmf,
  chiSquareUpperTail,
  normalCdf,
  normalQuantile,
  normalUpperTail,
} from "@/core/stats/distributions";
import { expectClose, readCases } from "./oracle";

type Distribution = (...args: [number, number, number]) => number;
const implemented: Record<string, Distribution> = {
  norm_cdf: normalCdf,
  norm_sf: normalUpperTail,
  norm_quantile: normalQuantile,
  chi2_sf: chiSquareUpperTail,
  binom_pmf: binomialPmf,
  binom_cdf: binomialCdf,
};

describe("the distributions agree with R", () => {
  const cases = readCases<{ fn: string; args: [number, number, number]; value: number }>("distributions");
  it.each(Object.entries(implemented))("%s", (name, fn) => {
    const own = cases.filter((each) => each.fn === name);
    expect(own.length).toBeGreaterThan(5);
    // Quantiles: 1e-9, as the oracle file grants. No absolute part but at 0: far tails must be right in their own size.
    const relative = name === "norm_quantile" ? 1e-9 : 1e-10;
    for (const { args, value } of own) {
      expectClose(fn(...args), value, { relative, absolute: value === 0 ? 1e-15 : 0, what: `${name}(${args})` });
    }
  });
});

describe("arguments outside the domain", () => {
  it("are refused by name", () => {
    expect(() => normalQuantile(0)).toThrow("p is 0");
    expect(() => chiSquareUpperTail(1, 1.5)).toThrow("df is 1.5");
  });
});
