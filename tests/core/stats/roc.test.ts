import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auc, rocPoints } from "@/core/stats/roc";
import { expectClose, readCases, readScored } from "./oracle";
import { scored } from "./scored";

interface Case {
  id: string;
  input: { dataset: string; score: string };
  expected: {
    auc: number;
    ci95_delong: [number | null, number | null];
    roc_points?: { threshold: (number | "Inf")[]; fpr: number[]; tpr: number[] };
    roc_points_summary?: { n_points: number; sum_fpr: number; sum_tpr: number };
  };
}

describe("AUC and ROC points agree with pROC", () => {
  const cases = readCases<Case>("roc_auc");
  it.each(cases.map((each) => [each.id, each] as const))("%s", (_, { input, expected }) => {
    const data = readScored(input.dataset, input.score);
    const result = auc(data);
    expectClose(result.estimate, expected.auc, { what: "auc" });
    expectClose(result.lower, expected.ci95_delong[0], { what: "lower" });
    expectClose(result.upper, expected.ci95_delong[1], { what: "upper" });

    const points = rocPoints(data);
    if (expected.roc_points) {
      const { threshold, fpr, tpr } = expected.roc_points;
      expect(points.map((point) => point.threshold)).toEqual(threshold.map((each) => (each === "Inf" ? null : each)));
      for (const [i, point] of points.entries()) {
        expectClose(point.fpr, fpr[i] ?? null);
        expectClose(point.tpr, tpr[i] ?? null);
      }
    }
    if (expected.roc_points_summary) {
      expect(points).toHaveLength(expected.roc_points_summary.n_points);
      expectClose(
        points.reduce((sum, { fpr }) => sum + fpr, 0),
        expected.roc_points_summary.sum_fpr,
      );
      expectClose(
        points.reduce((sum, { tpr }) => sum + tpr, 0),
        expected.roc_points_summary.sum_tpr,
      );
    }
  });
});

describe("the AUC", () => {
  it("equals the share of correctly ordered pairs, counted one by one", () => {
    fc.assert(
      fc.property(scored, ({ truth, score }) => {
        let won = 0;
        let pairs = 0;
        for (const [i, a] of score.entries()) {
          for (const [j, b] of score.entries()) {
            if (truth[i] !== 1 || truth[j] !== 0) continue;
            pairs++;
            won += a > b ? 1 : a === b ? 0.5 : 0;
          }
        }
        expectClose(auc({ truth, score }).estimate, won / pairs);
      }),
    );
  });

  it("of the scores and of the negated scores add up to 1", () => {
    fc.assert(
      fc.property(scored, ({ truth, score }) => {
        const negated = auc({ truth, score: score.map((value) => -value) });
        expectClose((auc({ truth, score }).estimate ?? 0) + (negated.estimate ?? 0), 1);
      }),
    );
  });

  it("does not change, nor its interval, under a strictly increasing transform or another order of images", () => {
    fc.assert(
      fc.property(scored, ({ truth, score }) => {
        const original = auc({ truth, score });
        const changed = auc({
          truth: [...truth].reverse(),
          score: score.map((value) => value ** 3 + 2 * value).reverse(),
        });
        expectClose(changed.estimate, original.estimate);
        expectClose(changed.lower, original.lower);
      }),
    );
  });

  it("lies inside its interval and between 0 and 1", () => {
    fc.assert(
      fc.property(scored, (data) => {
        const { estimate, lower, upper } = auc(data);
        if (estimate === null || lower === null || upper === null) return;
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(lower).toBeLessThanOrEqual(estimate);
        expect(upper).toBeGreaterThanOrEqual(estimate);
        expect(upper).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is not estimable without both classes, and has no interval with one image in a class", () => {
    expect(auc({ truth: [1, 1], score: [1, 2] })).toMatchObject({
      estimate: null,
      reason: "there is no negative image",
    });
    expect(auc({ truth: [], score: [] })).toMatchObject({ estimate: null, n: 0 });
    expect(auc({ truth: [1, 0, 0], score: [3, 1, 2] })).toMatchObject({ estimate: 1, lower: null, upper: null });
    expect(rocPoints({ truth: [1], score: [1] })).toEqual([]);
  });

  it("warns that a perfect separation leaves an interval without information", () => {
    const perfect = auc({ truth: [0, 0, 1, 1], score: [1, 2, 3, 4] });
    expect(perfect).toMatchObject({
      estimate: 1,
      lower: 1,
      upper: 1,
      caution: expect.stringContaining("not informative"),
    });
    expect(auc({ truth: [0, 0, 1, 1], score: [1, 3, 2, 4] })).not.toHaveProperty("caution");
  });

  it("refuses impossible input and says where it is", () => {
    expect(() => auc({ truth: [0, 1], score: [1] })).toThrow("2 truths but 1 scores");
    expect(() => auc({ truth: [0, 2], score: [1, 1] })).toThrow("truth[1] is 2");
    expect(() => auc({ truth: [0, 1], score: [1, Number.NaN] })).toThrow("score[1] is NaN");
  });
});
