import { describe, expect, it } from "vitest";
import { bestCutoffs } from "@/core/stats/cutoff";
import { netBenefit } from "@/core/stats/net-benefit";
import { precisionRecall } from "@/core/stats/precision-recall";
import { expectClose, readCases, readScored } from "./oracle";

interface Scored<Expected> {
  id: string;
  input: { dataset: string; score: string };
  expected: Expected;
}

function expectAllClose(actual: readonly number[], expected: readonly number[], what: string): void {
  expect(actual, what).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expectClose(value, expected[i] ?? null, { what: `${what}[${i}]` });
}

interface Precision {
  average_precision: number;
  prevalence: number;
  n_points_distinct_thresholds: number;
  points?: { threshold: number[]; precision: number[]; recall: number[] };
}

describe("average precision agrees with scikit-learn", () => {
  const cases = readCases<Scored<Precision>>("pr_auc");
  it.each(cases.map((each) => [each.id, each] as const))("%s", (_, { input, expected }) => {
    const { points, averagePrecision, prevalence } = precisionRecall(readScored(input.dataset, input.score));
    expectClose(averagePrecision.estimate, expected.average_precision, { relative: 1e-10 });
    expectClose(prevalence, expected.prevalence);
    expect(points).toHaveLength(expected.n_points_distinct_thresholds);
    if (!expected.points) return;
    for (const of of ["threshold", "precision", "recall"] as const)
      expectAllClose(
        points.map((point) => point[of]),
        expected.points[of],
        of,
      );
  });

  it("is not estimable without a positive image, and 1 when all are positive", () => {
    expect(precisionRecall({ truth: [0], score: [1] }).averagePrecision).toMatchObject({ estimate: null });
    expect(precisionRecall({ truth: [1, 1], score: [1, 2] }).averagePrecision).toMatchObject({ estimate: 1 });
  });
});

interface Benefit {
  id: string;
  input: { thresholds: number[] } & ({ dataset: string; score: string } | { truth: number[]; score: number[] });
  expected: { model: number[]; treat_all: number[]; treat_none: number[] };
}

describe("net benefit agrees with its closed form", () => {
  it.each(readCases<Benefit>("net_benefit").map((each) => [each.id, each] as const))("%s", (_, { input, expected }) => {
    const scored =
      "dataset" in input ? readScored(input.dataset, input.score) : { truth: input.truth, score: input.score };
    const curve = netBenefit({ ...scored, thresholds: input.thresholds });
    expectAllClose(
      curve.map(({ model }) => model),
      expected.model,
      "model",
    );
    expectAllClose(
      curve.map(({ treatAll }) => treatAll),
      expected.treat_all,
      "treat all",
    );
    expectAllClose(
      curve.map(({ treatNone }) => treatNone),
      expected.treat_none,
      "treat none",
    );
  });

  it("refuses scores that are no probabilities, and a threshold of 1", () => {
    expect(() => netBenefit({ truth: [1], score: [2], thresholds: [] })).toThrow("score[0] is 2");
    expect(() => netBenefit({ truth: [1], score: [1], thresholds: [0.5, 1] })).toThrow("thresholds[1] is 1");
  });
});

interface Point {
  cutoff: number;
  sensitivity: number;
  specificity: number;
}
interface Youden {
  youden_j: number;
  optimal: Point[];
  closest_topleft_distance2: number;
  closest_topleft: Point[];
}

describe("best cut-offs agree with pROC", () => {
  it.each(readCases<Scored<Youden>>("youden").map((each) => [each.id, each] as const))(
    "%s",
    (_, { input, expected }) => {
      const best = bestCutoffs(readScored(input.dataset, input.score));
      expectClose(best?.youden.j, expected.youden_j, { what: "J" });
      expectClose(best?.topLeft.distanceSquared, expected.closest_topleft_distance2, { what: "distance" });
      for (const [actual, wanted] of [
        [best?.youden.cutoffs, expected.optimal],
        [best?.topLeft.cutoffs, expected.closest_topleft],
      ] as const) {
        expectAllClose(
          actual?.map(({ threshold }) => threshold) ?? [],
          wanted.map(({ cutoff }) => cutoff),
          "cut-off",
        );
        expectAllClose(
          actual?.map((each) => each.sensitivity) ?? [],
          wanted.map((each) => each.sensitivity),
          "sensitivity",
        );
        expectAllClose(
          actual?.map((each) => each.specificity) ?? [],
          wanted.map((each) => each.specificity),
          "specificity",
        );
      }
    },
  );

  it("have none without both classes", () => {
    expect(bestCutoffs({ truth: [1], score: [1] })).toBeNull();
  });
});
