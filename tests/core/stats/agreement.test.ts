import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agreementIndices, agreementTable, cohenKappa, gwetAc1 } from "@/core/stats/agreement/kappa";
import { expectClose } from "./close";

const ratings = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 40 });
const plain = { weights: "unweighted", tail: "two-sided" } as const;

describe("Cohen's kappa", () => {
  it("is 1 for identical raters who use more than one category, whatever the weights", () => {
    fc.assert(
      fc.property(ratings, (first) => {
        fc.pre(new Set(first).size > 1);
        const table = agreementTable({ first, second: first });
        for (const weights of ["unweighted", "linear", "quadratic"] as const)
          expectClose(cohenKappa({ table, weights, tail: "two-sided" }).kappa.estimate, 1);
        expectClose(gwetAc1(table), 1);
      }),
    );
  });

  it("is the same whoever is named first, and lies inside its interval", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1)), { maxLength: 40 }), (pairs) => {
        const first = pairs.map(([a]) => a);
        const second = pairs.map(([, b]) => b);
        const { kappa } = cohenKappa({ table: agreementTable({ first, second }), ...plain });
        const back = cohenKappa({ table: agreementTable({ first: second, second: first }), ...plain });
        expectClose(back.kappa.estimate, kappa.estimate);
        if (kappa.lower === null || kappa.upper === null) return;
        expect(kappa.lower).toBeLessThanOrEqual(kappa.estimate);
        expect(kappa.upper).toBeGreaterThanOrEqual(kappa.estimate);
      }),
    );
  });

  it("never exceeds the kappa that its margins allow", () => {
    const count = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        fc.pre(a + b + c + d > 0);
        const table = [
          [a, b],
          [c, d],
        ];
        const { kappa } = cohenKappa({ table, ...plain });
        const { kappaMax } = agreementIndices(table);
        if (kappa.estimate === null) expect(kappaMax).toBeNull();
        else expect(kappa.estimate).toBeLessThanOrEqual((kappaMax ?? 0) + 1e-12);
      }),
    );
  });

  it("is not estimable when both raters say the same of every unit, or rated nothing", () => {
    expect(cohenKappa({ table: [[2]], ...plain }).kappa).toMatchObject({ estimate: null });
    expect(cohenKappa({ table: [], ...plain }).kappa).toMatchObject({ estimate: null, n: 0 });
  });

  it("refuses raters of different units and tables that are not square", () => {
    expect(() => agreementTable({ first: [1], second: [] })).toThrow("give one a unit");
    expect(() => cohenKappa({ table: [[1, 2]], ...plain })).toThrow("1 rows need 1 columns");
    expect(() => cohenKappa({ table: [[1.5]], ...plain })).toThrow("table[0][0] is 1.5");
    expect(() => agreementIndices([[1]])).toThrow("these indices need 2");
  });
});
