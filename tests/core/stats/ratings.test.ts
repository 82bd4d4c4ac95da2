import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { seededRandom } from "@/core/random";
import { clusteredKappa } from "@/core/stats/agreement/clustered-kappa";
import { fleissKappa } from "@/core/stats/agreement/fleiss-kappa";
import { clusteredWeightedKappa } from "@/core/stats/agreement/weighted-kappa";
import { type ComparedRead, compareReaders as compareWith } from "@/core/stats/comparison/compare-readers";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
/** The ratings behind a table of counts, categories from 1 on. */
const ratingsOf = (table: readonly (readonly number[])[]) => {
  const pairs = table.flatMap((row, i) => row.flatMap((count, j) => range(count).map(() => [i + 1, j + 1] as const)));
  return { first: pairs.map(([a]) => a), second: pairs.map(([, b]) => b), cluster: range(pairs.length) };
};

describe("weighted kappa of ratings", () => {
  const cases = z
    .object({
      cases: z.array(
        z.object({
          id: z.string(),
          input: z.object({ table: z.array(z.array(z.number())) }),
          expected: z.looseObject({
            linear: z.object({ kappa: z.number() }).optional(),
            quadratic: z.object({ kappa: z.number() }).optional(),
          }),
        }),
      ),
    })
    .parse(JSON.parse(readFileSync(new URL("../../oracles/cohen_kappa.json", import.meta.url), "utf8")))
    .cases.filter(({ expected }) => expected.linear);

  it.each(cases.map((each) => [each.id, each] as const))("agrees with R on the table %s", (_, { input, expected }) => {
    for (const weights of ["linear", "quadratic"] as const)
      expectClose(clusteredWeightedKappa({ ...ratingsOf(input.table), weights }).estimate, expected[weights]?.kappa, {
        relative: 1e-9,
      });
  });

  it("is that of vcd's example, husbands and wives who rate alike or not (Agresti 1990; vcd::Kappa(SexualFun))", () => {
    const table = [
      [7, 7, 2, 3],
      [2, 8, 3, 7],
      [1, 5, 4, 9],
      [2, 8, 9, 14],
    ];
    expect(clusteredWeightedKappa({ ...ratingsOf(table), weights: "linear" }).estimate?.toFixed(4)).toBe("0.2374");
  });

  it("takes any numbers for their distances, and its interval is that of the estimates without each patient", () => {
    const random = seededRandom(7);
    for (const weights of ["linear", "quadratic"] as const) {
      const distance = (a: number, b: number) => (weights === "linear" ? Math.abs(a - b) : (a - b) ** 2);
      const units = range(30).map((i) => {
        const suspicion = 100 * random();
        return { first: suspicion, second: suspicion + 60 * random() - 30, patient: i % 12 };
      });
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const kappaOf = (some: typeof units) =>
        1 -
        mean(some.map(({ first, second }) => distance(first, second))) /
          mean(some.flatMap(({ first }) => some.map(({ second }) => distance(first, second))));
      const found = clusteredWeightedKappa({
        first: units.map(({ first }) => first),
        second: units.map(({ second }) => second),
        cluster: units.map(({ patient }) => patient),
        weights,
      });
      const estimate = kappaOf(units);
      expectClose(found.estimate, estimate, { relative: 1e-12 });
      const left = range(12).map((patient) => kappaOf(units.filter((each) => each.patient !== patient)));
      const error = Math.sqrt((11 / 12) * left.reduce((sum, value) => sum + (value - mean(left)) ** 2, 0));
      const half = (1.959963984540054 * error) / (1 - estimate ** 2);
      expectClose(found.lower, Math.tanh(Math.atanh(estimate) - half), { relative: 1e-9 });
      expectClose(found.upper, Math.tanh(Math.atanh(estimate) + half), { relative: 1e-9 });
    }
  });

  it("says why there is none, or no interval", () => {
    const one = { first: [3, 3], second: [3, 3], cluster: [1, 2], weights: "linear" as const };
    expect(clusteredWeightedKappa(one)).toMatchObject({ estimate: null, reason: saying(/one and the same category/) });
    const alone = clusteredWeightedKappa({ ...one, first: [3, 1], second: [3, 1], cluster: [1, 1] });
    expect(alone).toMatchObject({ lower: null, caution: saying(/one cluster/) });
    expect(clusteredWeightedKappa({ ...one, first: [], second: [], cluster: [] })).toMatchObject({
      estimate: null,
      n: 0,
    });
  });
});

describe("a rater who says the same of every unit", () => {
  it("leaves a kappa of 0 without interval, for that reason", () => {
    const pair = { first: [1, 1, 1, 1, 1], second: [1, 0, 1, 0, 0], cluster: range(5) };
    const nothing = { estimate: 0, lower: null, upper: null, caution: saying(/said the same of every unit/) };
    expect(clusteredKappa(pair).kappa).toMatchObject(nothing);
    for (const weights of ["linear", "quadratic"] as const)
      expect(clusteredWeightedKappa({ ...pair, weights })).toMatchObject(nothing);
    expect(clusteredKappa(pair).ac1.lower).not.toBeNull();
  });
});

describe("AC1 beside kappa", () => {
  it("stays high where nearly all are of one class, and the prevalence index says why (Gwet 2002, 125 subjects)", () => {
    const { first, second, cluster } = ratingsOf([
      [118, 5],
      [2, 0],
    ]);
    const asCalls = (ratings: number[]) => ratings.map((rating) => (rating === 1 ? 1 : 0));
    const found = clusteredKappa({ first: asCalls(first), second: asCalls(second), cluster });
    expect(found.ac1.estimate?.toFixed(4)).toBe("0.9408");
    expect(found.kappa.estimate?.toFixed(4)).toBe("-0.0234");
    expectClose(found.prevalenceIndex, 118 / 125);
    expectClose(found.biasIndex, 3 / 125);
    expect(found.ac1.lower).toBeGreaterThan(0.85);
    expect(found.ac1.upper).toBeLessThan(1);
  });
});

describe("intervals of agreement", () => {
  it("never leave -1 to 1, whatever the calls", () => {
    const calls = fc.array(fc.tuple(...range(3).map(() => fc.constantFrom(0, 1))), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(calls, (units) => {
        const of = (reader: number) => units.map((each) => each[reader] ?? 0);
        const cluster = range(units.length);
        const { kappa, ac1 } = clusteredKappa({ first: of(0), second: of(1), cluster });
        const counts = units.map((each) => [
          each.filter((call) => call === 1).length,
          each.filter((call) => !call).length,
        ]);
        const fleiss = fleissKappa({ counts, cluster, tail: "two-sided" }).kappa;
        for (const { lower, upper } of [kappa, ac1, fleiss]) {
          expect(lower ?? 0).toBeGreaterThanOrEqual(-1);
          expect(upper ?? 0).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

// Twelve images, six with disease; two readers rate suspicion 1 to 5 and call from 4 on. Areas by hand: 33 of 36 and 29 of 36 pairs in order.
const ratings = { R2: [5, 4, 4, 2, 5, 2, 1, 1, 2, 1, 3, 1], R3: [4, 5, 3, 2, 4, 1, 2, 1, 1, 2, 1, 3] };
const images = range(12).map((i) => ({
  ...{ id: `i${i}`, node: `n${i}`, subject: `s${i}`, plane: "image" },
  truth: i < 6 ? (1 as const) : (0 as const),
}));
const reads = Object.entries(ratings).flatMap(([reader, all]) =>
  all.map(
    (rating, i): ComparedRead => ({
      ...{ reader, condition: "images", occasion: 1, image: `i${i}`, confidence: null, rating },
      call: rating >= 4 ? 1 : 0,
    }),
  ),
);
const compare = (some: readonly ComparedRead[], plan: Partial<Parameters<typeof compareWith>[0]> = {}) =>
  compareWith({
    ...{ images, reads: some, scores: null, threshold: 0.5, comparisons: ["reader"], conditions: ["images"] },
    ...{ repeats: new Map(), random: seededRandom(1) },
    ...plan,
  });

describe("readers who rate", () => {
  it("have the area of their ratings, whatever the confidence of their calls", () => {
    for (const confidence of [null, 70]) {
      const { rows, roc } = compare(reads.map((read) => ({ ...read, confidence })));
      expect(rows.map(({ auc }) => auc.estimate?.toFixed(4))).toEqual(["0.9167", "0.8056"]);
      expect(rows[0]?.auc.method).toEqual(saying(/reader's own ratings/));
      expect(roc[0]?.curve.map(({ threshold }) => threshold)).toEqual([null, 5, 4, 3, 2, 1]);
    }
  });

  it("lose with a missing rating one image, which is no call of a confidence among ratings", () => {
    const some = reads.map((read, i) => (i === 11 ? { ...read, rating: null, confidence: 100 } : read));
    const auc = compare(some).rows[0]?.auc;
    expect(auc).toMatchObject({ n: 11, caution: saying(/missing for 1 of 12/) });
    // The last image, rated 1, was below all six with disease.
    expectClose(auc?.estimate, (33 - 6) / 30);
  });

  it("agree by weighted kappa on what both rated; calls with a confidence are no ratings", () => {
    const { agreement } = compare(reads);
    const both = { first: ratings.R2, second: ratings.R3, cluster: range(12) };
    for (const [name, weights] of [
      ["weightedLinear", "linear"],
      ["weightedQuadratic", "quadratic"],
    ] as const)
      expect(agreement[0]?.[name].estimate).toBe(clusteredWeightedKappa({ ...both, weights }).estimate);
    const confident = compare(reads.map((read) => ({ ...read, rating: null, confidence: 50 }))).agreement[0];
    expect(confident?.weightedLinear).toMatchObject({ estimate: null, reason: saying(/did not both rate/) });
    expect(confident?.kappa.estimate).not.toBeNull();
  });

  it("agree three or more together by Fleiss's kappa", () => {
    const third = reads.filter(({ reader }) => reader === "R2").map((read) => ({ ...read, reader: "R4" }));
    expect(compare(reads).jointAgreement).toEqual([]);
    const [joint] = compare([...reads, ...third]).jointAgreement;
    const counts = range(12).map((i) => {
      const positive = [ratings.R2[i], ratings.R3[i], ratings.R2[i]].filter((rating) => (rating ?? 0) >= 4).length;
      return [positive, 3 - positive];
    });
    expect(joint).toMatchObject({ condition: "images", readers: ["R2", "R3", "R4"], n: 12 });
    expect(joint?.kappa.estimate).toBe(fleissKappa({ counts, cluster: null, tail: "two-sided" }).kappa.estimate);
  });
});

describe("calls with a confidence", () => {
  it("rank a positive guess above a negative one", () => {
    const guesses = reads
      .filter(({ reader }) => reader === "R2")
      .map((read, i) => ({ ...read, rating: null, confidence: 0, call: i < 6 ? (1 as const) : (0 as const) }));
    expect(compare(guesses).rows[0]?.auc.estimate).toBe(1);
  });
});

describe("a read that was not evaluable", () => {
  // R2 could not judge i0 (disease) and i7, i8 (none): of the rest, 3 of 5 and 4 of 4 are right.
  const refused = ["i0", "i7", "i8"];
  const some = reads
    .filter(({ reader }) => reader === "R2")
    .map((read) => (refused.includes(read.image) ? { ...read, call: null, rating: null } : read));

  it("is a read without a call, counted apart by truth", () => {
    const { reads: counted, rows } = compare(some);
    expect(counted).toMatchObject([
      { truth: 1, images: 6, read: 6, notEvaluable: 1, rated: 5 },
      { truth: 0, images: 6, read: 6, notEvaluable: 2, rated: 4 },
    ]);
    expect(rows[0]).toMatchObject({ n: 9, tp: 3, fn: 2, tn: 4, fp: 0 });
  });

  it("counts in the main analysis as the plan says, and by every other rule beside it", () => {
    const expected = {
      exclude: { tp: 3, fn: 2, tn: 4, fp: 0 },
      positive: { tp: 4, fn: 2, tn: 4, fp: 2 },
      negative: { tp: 3, fn: 3, tn: 6, fp: 0 },
      incorrect: { tp: 3, fn: 3, tn: 4, fp: 2 },
    };
    for (const rule of ["exclude", "positive", "negative", "incorrect"] as const) {
      const { rows, notEvaluable } = compare(some, { notEvaluable: rule });
      expect(rows[0]).toMatchObject(expected[rule]);
      // Areas are of ratings that were given.
      expect(rows[0]?.auc.n).toBe(9);
      const beside = notEvaluable.map((each) => [each.rule, each.planned, each.positive, each.negative, each.n]);
      expect(beside).toEqual(
        Object.entries(expected).map(([name, counts]) => {
          const n = Object.values(counts).reduce((sum, count) => sum + count, 0);
          return [name, name === rule, 1, 2, n];
        }),
      );
      for (const each of notEvaluable) {
        const { tp, fn, tn, fp } = expected[each.rule];
        expectClose(each.sensitivity.estimate, tp / (tp + fn));
        expectClose(each.specificity.estimate, tn / (tn + fp));
      }
      const planned = notEvaluable.find((each) => each.planned);
      expect(planned?.sensitivity).toEqual(rows[0]?.sensitivity);
    }
  });

  it("agrees with nobody, however the plan counts it, and stands once", () => {
    const both = [...some, ...reads.filter(({ reader }) => reader === "R3")];
    expect(compare(both, { notEvaluable: "positive" }).agreement[0]?.n).toBe(9);
    const again = some.filter(({ image }) => image === "i0");
    expect(() => compare([...some, ...again])).toThrow(/twice/);
    expect(compare(reads).notEvaluable).toEqual([]);
  });
});
