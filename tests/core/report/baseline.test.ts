import { describe, expect, test } from "vitest";
import { type BaselineItem, type BaselineUnit, baselineTable, withExactTests } from "@/core/report/baseline";

const age: BaselineItem = { kind: "number", key: "age", label: "Age", unit: "years", decimals: 0 };
const choice = (...keys: string[]): BaselineItem => ({
  kind: "choice",
  key: "kind",
  label: "Kind",
  options: keys.map((key) => ({ key, label: key })),
});
const unitsOf = (
  key: string,
  positive: (number | string | null)[],
  negative: (number | string | null)[],
): BaselineUnit[] => [
  ...positive.map((value) => ({ truth: 1 as const, values: { [key]: value } })),
  ...negative.map((value) => ({ truth: 0 as const, values: { [key]: value } })),
];
const times = (counts: Record<string, number>) =>
  Object.entries(counts).flatMap(([key, count]) => Array<string>(count).fill(key));

/* Expected: R 4.2.2, t.test, wilcox.test(correct = TRUE), quantile(type = 7), chisq.test(correct = FALSE), fisher.test; SMD by the formulas cited. */
describe("baseline by truth", () => {
  const ages = unitsOf("age", [61, 55, 72, 48, 66, 59, 70, 63, 57], [52, 58, 47, 66, 50, 54, 61, 45]);

  test("numbers: mean, SD, quartiles, Welch, Mann-Whitney with ties, standardised difference", () => {
    const [row] = baselineTable({ items: [age], units: ages, tested: true }).rows;
    if (row?.kind !== "number") throw new Error("no row of numbers");
    expect(row.summary.positive?.mean).toBeCloseTo(61.2222222222222, 12);
    expect(row.summary.positive?.sd).toBeCloseTo(7.54615428178118, 12);
    expect(row.summary.positive).toMatchObject({ n: 9, q1: 57, median: 61, q3: 66 });
    expect(row.pMeans).toBeCloseTo(0.065392303395154, 10);
    expect(row.pRanks).toBeCloseTo(0.0746923495739828, 10);
    expect(row.smd).toBeCloseTo(0.96486173757851, 10);
  });

  test("counts: chi-square, Fisher's exact test where an expected count is below 5, distance of fractions", () => {
    const small = unitsOf("kind", times({ a: 6, b: 3 }), times({ a: 2, b: 6 }));
    const counted = baselineTable({ items: [choice("a", "b")], units: small, tested: true });
    expect(withExactTests(counted).rows[0]).toMatchObject({
      test: "fisher",
      p: expect.closeTo(0.153434800493624, 10),
    });
    const large = unitsOf("kind", times({ a: 20, b: 15, c: 9 }), times({ a: 11, b: 17, c: 22 }));
    const [row] = withExactTests(baselineTable({ items: [choice("a", "b", "c")], units: large, tested: true })).rows;
    expect(row).toMatchObject({ test: "chi-square", p: expect.closeTo(0.0198562468172785, 10) });
    expect(row?.smd).toBeCloseTo(0.60479790897978, 10);
    // An option that nobody has changes nothing but its own line.
    const wider = baselineTable({ items: [choice("a", "b", "c", "d")], units: large, tested: true }).rows[0];
    expect(wider).toMatchObject({ p: row && "p" in row ? row.p : null, smd: expect.closeTo(row?.smd ?? 0, 12) });
  });

  test("counting takes no exact test, which can take many seconds", () => {
    const options = Array.from({ length: 10 }, (_, i) => `T${i}`);
    const units = Array.from({ length: 1000 }, (_, i) => ({
      truth: (i * 7919) % 10 < 3 ? (1 as const) : (0 as const),
      values: { kind: options[i < 4 ? 9 : (i * 31) % 9] },
    }));
    const start = performance.now();
    const [row] = baselineTable({ items: [choice(...options)], units, tested: true }).rows;
    expect(performance.now() - start, "milliseconds; the exact test takes 15,000").toBeLessThan(1_000);
    expect(row).toMatchObject({ test: "chi-square" });
  });

  test("what is missing is counted and left out; lesions of one patient are not tested", () => {
    const units = unitsOf("age", [61, null, 72], [52, 58]);
    const table = baselineTable({ items: [age], units, tested: false });
    expect(table.n).toEqual({ all: 5, positive: 3, negative: 2 });
    expect(table.rows[0]).toMatchObject({
      missing: { all: 1, positive: 1, negative: 0 },
      summary: { positive: { n: 2, mean: 66.5 } },
      pMeans: null,
      pRanks: null,
    });
    expect(baselineTable({ items: [age], units, tested: true }).rows[0]).toMatchObject({ pMeans: expect.any(Number) });
  });

  test("a group without a value, or all of one option, has dashes and no test", () => {
    const [row] = baselineTable({ items: [age], units: unitsOf("age", [], [52, 58]), tested: true }).rows;
    expect(row).toMatchObject({ summary: { positive: null }, pMeans: null, pRanks: null, smd: null });
    const same = unitsOf("kind", times({ a: 3 }), times({ a: 4 }));
    expect(baselineTable({ items: [choice("a", "b")], units: same, tested: true }).rows[0]).toMatchObject({
      test: null,
      p: null,
      smd: null,
      levels: [
        { count: { all: 7 }, share: { all: 1 } },
        { count: { all: 0 }, share: { all: 0 } },
      ],
    });
  });
});
