import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { cohenKappa } from "@/core/stats/agreement/kappa";
import { bootstrap } from "@/core/stats/clustered/bootstrap";
import { clusteredMcNemar } from "@/core/stats/clustered/clustered-mcnemar";
import { clusteredProportion } from "@/core/stats/clustered/clustered-proportion";
import {
  binomialPmf,
  chiSquareUpperTail,
  fUpperTail,
  studentQuantile,
  studentTwoSidedP,
} from "@/core/stats/distributions";
import { tTest } from "@/core/stats/groups/t-test";
import { rangesOfBenefit } from "@/core/stats/network/net-benefit";
import { figuresOfMerit } from "@/core/stats/readers/figures-of-merit";
import { networkAgainstReaders } from "@/core/stats/readers/network-against-readers";
import { obuchowskiRockette } from "@/core/stats/readers/obuchowski-rockette";
import { pairedDeLong } from "@/core/stats/roc/delong";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";

describe("rounding error is never taken for a finding", () => {
  it("kappa of a rare category keeps its standard error (40-digit arithmetic: 7.078142411e-4 at n = 1000)", () => {
    const at = (n: number) =>
      cohenKappa({
        table: [
          [0, 1],
          [1, n - 2],
        ],
        weights: "unweighted",
        tail: "two-sided",
      });
    expectClose(at(1000).standardError, 7.078142411e-4, { relative: 1e-9 });
    expectClose(at(30_000).standardError, 2.3571e-5, { relative: 1e-5 });
    expectClose(at(100_000).standardError, 7.0711e-6, { relative: 1e-5 });
  });

  it("constant groups have no t test, whatever their constants, and groups that vary have one", () => {
    for (const variances of ["welch", "student"] as const) {
      const test = (first: number[], second: number[]) => tTest({ first, second, variances, tail: "two-sided" });
      expect(test([0.1, 0.1, 0.1], [0.2, 0.2, 0.2])).toMatchObject({ t: null, p: null, cohensD: null });
      expect(test(new Array(7).fill(7.3), [2.7, 2.7, 2.7]).p).toBeNull();
      expect(test([0.1, 0.1, 0.1], [0.2, 0.2, 0.2000001]).p).toBeLessThan(1e-6);
      expect(() => test([1e200, 2e200], [3e200, 5e200])).toThrow("rescale");
    }
  });

  it("areas that differ by the same amount for every unit have no test", () => {
    const truth = [1, 1, 1, 0, 0, 0];
    const about = { truth, first: [10, 5, 3, 1, 4, 9], direction: "higher", tail: "two-sided" } as const;
    expect(pairedDeLong({ ...about, second: [5, 3, 0, 1, 4, 9] })).toMatchObject({ z: null, p: null });
    expect(pairedDeLong({ ...about, second: [5, 3, 0, 1, 4, 2] }).p).not.toBeNull();
    const [a, b] = [
      [10, 5, 3, 1, 4, 9],
      [5, 3, 0, 1, 4, 9],
    ];
    const figure = { truth, direction: "higher", metric: "auc", covariance: { kind: "jackknife" } } as const;
    const readers = obuchowskiRockette({
      ...figure,
      scores: [
        [a, a],
        [b, b],
      ],
    });
    expect([readers.fixedReadersRandomCases.p, readers.randomReadersRandomCases.p]).toEqual([null, null]);
    const network = networkAgainstReaders({ ...figure, network: b, readers: [a, a], tail: "two-sided" });
    expect([network.fixedReaders.p, network.perReader[0]?.p]).toEqual([null, null]);
  });

  it("clusters with one and the same share leave no effective number", () => {
    const cluster = [11, 55, 22].flatMap((size, id) => new Array<number>(size).fill(id));
    const outcome = [11, 55, 22].flatMap((size) => Array.from({ length: size }, (_, i) => Number(i < (3 * size) / 11)));
    expect(clusteredProportion({ outcome, cluster })).toMatchObject({
      effectiveN: null,
      proportion: { lower: null, upper: null, caution: saying(/no interval/) },
    });
  });

  it("clusters without a discordant pair have no interval, and say so", () => {
    const same = { both: 3, firstOnly: 0, secondOnly: 0, neither: 1 };
    const { difference } = clusteredMcNemar(new Array(40).fill(same));
    expect(difference).toMatchObject({ estimate: 0, lower: null, caution: saying(/variance/) });
    const one = clusteredMcNemar([{ both: 3, firstOnly: 4, secondOnly: 1, neither: 2 }]);
    expectClose(one.unclustered?.chiSquare, 9 / 5);
  });

  it("a bootstrap says when there are few clusters, or only one value", () => {
    const drawn = (statistic: () => number) =>
      bootstrap({ n: 4, cluster: [1, 1, 2, 2], strata: null, statistic, replicates: 50, random: seededRandom(1) });
    expect(drawn(() => 1)).toMatchObject({ caution: saying(/no interval/) });
    let value = 0;
    expect(drawn(() => value++)).toMatchObject({ caution: saying(/only 2 clusters/) });
    expect(() => drawn(() => Number.NaN)).toThrow("The statistic gave NaN");
  });
});

describe("distributions far out agree with R", () => {
  it.each([
    ["pchisq(2500, 2500, lower = F)", () => chiSquareUpperTail(2500, 2500), 0.496238719422808],
    [
      "pchisq(2109.215313286261, 353.37369568067555, lower = F)",
      () => chiSquareUpperTail(2109.215313286261, 353.37369568067555),
      3.91806026445459e-247,
    ],
    ["2 * pt(-1e-9, 1)", () => studentTwoSidedP(1e-9, 1), 0.99999999936338],
    ["pf(1e-10, .5, 1e8, lower = F)", () => fUpperTail(1e-10, 0.5, 1e8), 0.997533029719248],
    ["qt(.975, 1e20)", () => studentQuantile(0.975, 1e20), 1.95996398454005],
    [
      "dbinom(2555442, 2562717, .9963669809512794)",
      () => binomialPmf(2555442, 2562717, 0.9963669809512794),
      5.82155442650442e-108,
    ],
  ])("%s", (_, compute, expected) => {
    expectClose(compute(), expected, { relative: 1e-11, absolute: 0 });
  });

  it("and infinity is a tail of nothing", () => {
    expect([chiSquareUpperTail(Infinity, 1), studentTwoSidedP(Infinity, 2), fUpperTail(Infinity, 1, 2)]).toEqual([
      0, 0, 0,
    ]);
    expect(() => chiSquareUpperTail(Number.NaN, 1)).toThrow("x is NaN");
    expect(() => studentQuantile(1e-300, 0.5)).toThrow("too large");
  });
});

describe("shares of right calls", () => {
  const about = { scores: [[1, 1, 0]], direction: "higher", metric: "sensitivity" } as const;
  const covariance = { kind: "binomial" } as const;

  it("refuse a truth, threshold, rating or cluster that is none", () => {
    const of = (truth: number[], threshold = 1) => figuresOfMerit({ ...about, truth, threshold, covariance }).values;
    expect(of([1, 1, 0])).toEqual([1]);
    expect(() => of([1, 2, 0])).toThrow("truth[1] is 2");
    expect(() => of([1, 1, 0], Number.NaN)).toThrow("threshold[0] is NaN");
    const clustered = { kind: "cluster", cluster: ["a"] } as const;
    expect(() => figuresOfMerit({ ...about, truth: [1, 1, 0], threshold: 1, covariance: clustered })).toThrow(
      "cluster",
    );
  });
});

it("a decision curve names each stretch in which the model is best", () => {
  const at = (threshold: number, model: number) => ({ threshold, model, treatAll: 0.1, treatNone: 0 as const });
  expect(rangesOfBenefit([at(0.1, 0.2), at(0.2, 0.2), at(0.3, 0.1), at(0.4, 0.3)])).toEqual([
    { from: 0.1, to: 0.2 },
    { from: 0.4, to: 0.4 },
  ]);
});
