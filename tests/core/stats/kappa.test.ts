import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cohenKappa, type KappaWeights } from "@/core/stats/kappa";
import { expectClose, readCases } from "./oracle";

interface Expected {
  po: number;
  pe: number;
  kappa: number | null;
  se: number | null;
  ci95: [number | null, number | null];
}
interface Case {
  id: string;
  input: { table: number[][] };
  expected: { n: number } & Partial<Record<KappaWeights, Expected>>;
}

describe("Cohen's kappa agrees with vcd, irr and statsmodels", () => {
  const cases = readCases<Case>("cohen_kappa").flatMap(({ id, input, expected }) =>
    (["unweighted", "linear", "quadratic"] as const).flatMap((weights) => {
      const values = expected[weights];
      return values ? [[`${id}, ${weights}`, { table: input.table, weights, n: expected.n, values }] as const] : [];
    }),
  );
  it.each(cases)("%s", (_, { table, weights, n, values }) => {
    const result = cohenKappa({ table, weights });
    const relative = 1e-8;
    expect(result.n).toBe(n);
    expectClose(result.observed, values.po, { relative });
    expectClose(result.expected, values.pe, { relative });
    expectClose(result.kappa.estimate, values.kappa, { relative });
    expectClose(result.standardError, values.se, { relative });
    expectClose(result.kappa.lower, values.ci95[0], { relative });
    expectClose(result.kappa.upper, values.ci95[1], { relative });
  });
});

const ratings = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 40 });

describe("Cohen's kappa", () => {
  it("is 1 for identical raters who use more than one category", () => {
    fc.assert(
      fc.property(ratings, (first) => {
        fc.pre(new Set(first).size > 1);
        expectClose(cohenKappa({ first, second: first }).kappa.estimate, 1);
      }),
    );
  });

  it("is the same whoever is named first, and lies inside its interval", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1)), { maxLength: 40 }), (pairs) => {
        const first = pairs.map(([a]) => a);
        const second = pairs.map(([, b]) => b);
        const { kappa } = cohenKappa({ first, second });
        expectClose(cohenKappa({ first: second, second: first }).kappa.estimate, kappa.estimate);
        if (kappa.lower === null || kappa.upper === null) return;
        expect(kappa.lower).toBeLessThanOrEqual(kappa.estimate);
        expect(kappa.upper).toBeGreaterThanOrEqual(kappa.estimate);
      }),
    );
  });

  it("is not estimable when both raters say the same of every unit, or rated nothing", () => {
    expect(cohenKappa({ first: [1, 1], second: [1, 1] }).kappa).toMatchObject({ estimate: null });
    expect(cohenKappa({ first: [], second: [] }).kappa).toMatchObject({ estimate: null, n: 0 });
  });

  it("refuses raters of different units and tables that are not square", () => {
    expect(() => cohenKappa({ first: [1], second: [] })).toThrow("rate the same units");
    expect(() => cohenKappa({ table: [[1, 2]] })).toThrow("1 rows need 1");
    expect(() => cohenKappa({ table: [[1.5]] })).toThrow("table[0][0] is 1.5");
  });
});
