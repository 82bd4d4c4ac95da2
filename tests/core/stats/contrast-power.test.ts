import { describe, expect, test } from "vitest";
import { type ContrastDesign, patientsForContrast, powerOfContrast } from "@/core/stats/design/contrast-power";
import { pairsForMcNemar } from "@/core/stats/design/sample-size";
import { studentPower } from "@/core/stats/design/student-power";

const design: ContrastDesign = {
  kind: "condition",
  measure: "auc",
  first: 0.8,
  second: 0.72,
  margin: null,
  readers: 4,
  readersAre: "fixed",
  readerSpread: 0,
  correlation: { sameReader: 0.5, readers: 0.4, across: 0.35 },
  prevalence: 0.4,
  clusters: { meanClusterSize: 3, icc: 0.3 },
  alpha: 0.05,
};
const alone = { meanClusterSize: 1, icc: 0 };

test("the power of a t test is that of the noncentral t of R 4.2.2: 1 - pt(qt(.975, df), df, ncp)", () => {
  for (const [noncentrality, df, power] of [
    [2.5, 10, 0.616524137848],
    [3, 4, 0.61925753708],
    [2.8, 58, 0.786227429131],
    [1.2, 3.7, 0.14841194411],
    [0, 200, 0.025],
    [8, 5, 0.999983448461],
  ] as const)
    expect(studentPower({ noncentrality, df, alpha: 0.05 })).toBeCloseTo(power, 7);
});

test("with patients without end, random readers are a one-sample t test of readers: power.t.test(type = 'one.sample') of R 4.2.2", () => {
  for (const [readers, difference, readerSpread, power] of [
    [6, 0.05, 0.05, 0.50681668],
    [5, 0.04, 0.06, 0.21059429],
    [12, 0.03, 0.05, 0.47466264],
  ] as const) {
    const random = {
      ...design,
      readers,
      readersAre: "random",
      readerSpread,
      first: 0.7 + difference,
      second: 0.7,
    } as const;
    expect(powerOfContrast(random, 1e12)).toBeCloseTo(power, 4);
  }
});

test("one reader's sensitivity in two conditions needs the pairs of McNemar's test (Connor 1987), but for its variance under no difference", () => {
  // Of the positive images .20 are right in the first condition alone, .10 in the second alone: .80 and .70.
  const [first, second, both] = [0.8, 0.7, 0.6];
  const sameReader = (both - first * second) / Math.sqrt(first * (1 - first) * second * (1 - second));
  const found = patientsForContrast(
    {
      ...design,
      measure: "sensitivity",
      first,
      second,
      readers: 1,
      correlation: { sameReader, readers: 0, across: 0 },
      prevalence: 0.5,
      clusters: alone,
    },
    0.8,
  );
  const { pairs } = pairsForMcNemar({ onlyFirst: 0.2, onlySecond: 0.1, alpha: 0.05, power: 0.8 });
  expect((found ?? 0) / 2 / pairs).toBeGreaterThan(0.95);
  expect((found ?? 0) / 2 / pairs).toBeLessThan(1.05);
});

describe("the fewest patients", () => {
  test("have the power that was asked for, and one patient fewer has not", () => {
    for (const kind of ["condition", "network"] as const)
      for (const measure of ["auc", "sensitivity", "specificity"] as const)
        for (const readersAre of ["fixed", "random"] as const) {
          const asked = { ...design, kind, measure, readersAre, readers: 6, readerSpread: 0.02 };
          const patients = patientsForContrast(asked, 0.8) ?? Number.NaN;
          expect(powerOfContrast(asked, patients)).toBeGreaterThanOrEqual(0.8);
          expect(powerOfContrast(asked, patients - 1)).toBeLessThan(0.8);
        }
  });

  test("are more for images that are more alike, and as many as patients with one image where these are the same", () => {
    const of = (icc: number, meanClusterSize = 3) =>
      patientsForContrast({ ...design, clusters: { meanClusterSize, icc } }, 0.8) ?? 0;
    expect(of(0.1)).toBeLessThan(of(0.3));
    expect(of(1)).toBe(of(0, 1));
  });

  test("are fewer with more readers, and none are enough where readers like these differ too much", () => {
    const of = (readers: number) => patientsForContrast({ ...design, readers }, 0.8) ?? 0;
    expect(of(8)).toBeLessThan(of(2));
    expect(patientsForContrast({ ...design, readersAre: "random", readers: 5, readerSpread: 0.2 }, 0.8)).toBeNull();
  });

  test("of a margin are those of a difference as large from below", () => {
    const inferior = { ...design, first: 0.72, second: 0.72 };
    expect(patientsForContrast({ ...inferior, margin: 0.1 }, 0.8)).toBeGreaterThan(
      patientsForContrast({ ...inferior, margin: 0.15 }, 0.8) ?? 0,
    );
  });
});

test("what no study can show, and what is no design, is refused", () => {
  for (const wrong of [
    { first: 0.72 },
    { first: 0.6, margin: 0.05 },
    { prevalence: 0 },
    { alpha: 0.5 },
    { readers: 0 },
    { readers: 4, readersAre: "random" as const },
    { correlation: { ...design.correlation, across: 1.1 } },
  ])
    expect(() => powerOfContrast({ ...design, ...wrong }, 100), JSON.stringify(wrong)).toThrow();
  expect(() => patientsForContrast(design, 1)).toThrow();
});
