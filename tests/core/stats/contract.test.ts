import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusteredKappa } from "@/core/stats/agreement/clustered-kappa";
import { cohenKappa } from "@/core/stats/agreement/kappa";
import { clusteredWeightedKappa } from "@/core/stats/agreement/weighted-kappa";
import { bootstrap } from "@/core/stats/clustered/bootstrap";
import { clusteredAuc, compareClusteredAuc } from "@/core/stats/clustered/clustered-auc";
import { clusteredProportion } from "@/core/stats/clustered/clustered-proportion";
import { chiSquareUpperTail, normalQuantile } from "@/core/stats/distributions";
import { mannWhitney } from "@/core/stats/groups/mann-whitney";
import { tTest } from "@/core/stats/groups/t-test";
import { netBenefit } from "@/core/stats/network/net-benefit";
import { mcnemar } from "@/core/stats/paired/mcnemar";
import { networkAgainstReaders } from "@/core/stats/readers/network-against-readers";
import { obuchowskiRockette } from "@/core/stats/readers/obuchowski-rockette";
import { auc } from "@/core/stats/roc/auc";
import { bestCutoffs } from "@/core/stats/roc/cutoff";
import { pairedDeLong } from "@/core/stats/roc/delong";
import { partialAuc } from "@/core/stats/roc/partial-auc";
import { precisionRecall } from "@/core/stats/roc/precision-recall";
import { rocPoints } from "@/core/stats/roc/roc-points";
import type { Scored } from "@/core/stats/types";
import { refusalOf } from "./refusal";
import { scored } from "./scored";

/** Every function that takes a truth and a score. */
const ofScores: [string, (data: Scored) => unknown][] = [
  ["auc", auc],
  ["rocPoints", rocPoints],
  ["bestCutoffs", bestCutoffs],
  ["precisionRecall", precisionRecall],
  ["partialAuc", (data) => partialAuc({ ...data, over: "specificity", from: 0.9, to: 1 })],
  ["pairedDeLong", ({ score, ...data }) => pairedDeLong({ ...data, first: score, second: score, tail: "two-sided" })],
  [
    "clusteredAuc",
    (data) => clusteredAuc({ ...data, cluster: Array.from({ length: data.truth.length }, (_, i) => i) }),
  ],
  [
    "compareClusteredAuc",
    ({ score, ...data }) =>
      compareClusteredAuc({
        ...data,
        first: score,
        second: score,
        cluster: Array.from({ length: data.truth.length }, (_, i) => i),
        tail: "two-sided",
      }),
  ],
];

describe.each(ofScores)("%s", (_, compute) => {
  const direction = "higher" as const;

  it("takes frozen plain arrays and typed arrays, leaves them alone, and gives the same", () => {
    const truth = Object.freeze([0, 1, 0, 1, 1, 0]);
    const score = Object.freeze([3, 1, 2, 2, 5, 0]);
    const typed = { truth: Uint8Array.from(truth), score: Float64Array.from(score), direction };
    expect(compute(typed)).toEqual(compute({ truth, score, direction }));
    expect([...typed.truth, ...typed.score]).toEqual([...truth, ...score]);
  });

  it("refuses each kind of impossible input with its code and place", () => {
    expect(refusalOf(() => compute({ truth: [0, 1], score: [1], direction }))).toMatchObject({
      code: "length_mismatch",
    });
    expect(refusalOf(() => compute({ truth: [], score: [], direction }))).toMatchObject({ code: "empty" });
    const cases: [number[], number[], string, number][] = [
      [[0, 2], [1, 1], "not_binary", 1],
      [[0, 1], [1, Number.NaN], "not_finite", 1],
      [[0, 1], [Number.POSITIVE_INFINITY, 1], "not_finite", 0],
      [[1, 1], [1, 2], "one_class", 0],
      [[0, 0], [1, 2], "one_class", 0],
    ];
    for (const [truth, score, code, index] of cases)
      expect(
        refusalOf(() => compute({ truth, score, direction })),
        `${truth} ${score}`,
      ).toEqual({ code, index });
  });
});

describe("nothing returns NaN or an infinite number", () => {
  const finite = (value: unknown, path = ""): void => {
    if (typeof value === "number") expect(Number.isFinite(value), `${path} is ${value}`).toBe(true);
    else if (value !== null && typeof value === "object" && !ArrayBuffer.isView(value))
      for (const [key, inner] of Object.entries(value)) finite(inner, `${path}.${key}`);
  };

  it("whatever the scores, ties and clusters", () => {
    fc.assert(
      fc.property(scored, (data) => {
        const { truth, score, other, cluster, direction } = data;
        for (const [name, compute] of ofScores) finite(compute(data), name);
        finite(clusteredAuc(data), "clusteredAuc");
        const pair = { truth, first: score, second: other, direction, tail: "two-sided" as const };
        finite(compareClusteredAuc({ ...pair, cluster }), "compareClusteredAuc");
        finite(clusteredProportion({ outcome: truth, cluster }), "clusteredProportion");
        const calls = score.map((value) => Number(value > 0));
        finite(clusteredKappa({ first: truth, second: calls, cluster }), "clusteredKappa");
        for (const weights of ["linear", "quadratic"] as const)
          finite(clusteredWeightedKappa({ first: score, second: other, cluster, weights }), "clusteredWeightedKappa");
        const ratings = { truth, direction, metric: "auc", covariance: { kind: "delong" } } as const;
        const isTested = auc(data).variance !== null;
        if (isTested) {
          const scores = [
            [score, other],
            [other, score],
          ];
          finite(obuchowskiRockette({ ...ratings, scores }), "obuchowskiRockette");
          const readers = [score, other];
          finite(networkAgainstReaders({ ...ratings, network: calls, readers, tail: "two-sided" }), "network");
        }
      }),
      { numRuns: 300 },
    );
  });

  it("whatever the groups and counts", () => {
    const values = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 });
    const count = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(values, values, count, count, count, count, (first, second, a, b, c, d) => {
        for (const tail of ["two-sided", "greater", "less"] as const) {
          finite(tTest({ first, second, variances: "welch", tail }));
          finite(tTest({ first, second, variances: "student", tail }));
          finite(mannWhitney({ first, second, tail }));
          finite(mcnemar({ both: a, firstOnly: b, secondOnly: c, neither: d, tail }));
          const table = [
            [a, b],
            [c, d],
          ];
          finite(cohenKappa({ table, weights: "linear", tail }));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("impossible input of other kinds is refused by name", () => {
  it("of distributions, groups, probabilities and draws", () => {
    expect(() => normalQuantile(0)).toThrow("p is 0");
    expect(() => chiSquareUpperTail(1, 0)).toThrow("df is 0");
    expect(() => tTest({ first: [], second: [1], variances: "welch", tail: "two-sided" })).toThrow(
      "first group is empty",
    );
    expect(() => mannWhitney({ first: [1, Number.NaN], second: [1], tail: "two-sided" })).toThrow("first[1] is NaN");
    expect(() => netBenefit({ truth: [1, 0], score: [2, 0], thresholds: [] })).toThrow("score[0] is 2");
    expect(() => netBenefit({ truth: [1, 0], score: [1, 0], thresholds: [0.5, 1] })).toThrow("thresholds[1] is 1");
    const sample = { n: 2, cluster: null, strata: null, statistic: () => 1, random: () => 0 };
    expect(() => bootstrap({ ...sample, replicates: 1 })).toThrow("replicates is 1");
    expect(() => bootstrap({ ...sample, cluster: [1], replicates: 10 })).toThrow("1 cluster ids for 2 units");
  });
});
