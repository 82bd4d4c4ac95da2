import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { networkAgainstReaders } from "@/core/stats/readers/network-against-readers";
import { nonInferiority } from "@/core/stats/readers/non-inferiority";
import { obuchowskiRockette } from "@/core/stats/readers/obuchowski-rockette";
import { compareReaderAveragedAuc, readerAveragedAuc } from "@/core/stats/readers/u-statistics";
import { pairedDeLong } from "@/core/stats/roc/delong";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";

const direction = "higher" as const;
const study = fc
  .array(fc.record({ truth: fc.constantFrom(0, 1), reads: fc.array(fc.nat(4), { minLength: 6, maxLength: 6 }) }), {
    minLength: 2,
    maxLength: 25,
  })
  .map((cases) => {
    const all = [0, 0, 1, 1].map((truth, i) => ({ truth, reads: [i, 1, 2, i, 0, 3] })).concat(cases);
    const reader = (j: number) => all.map(({ reads }) => reads[j] ?? 0);
    return {
      truth: all.map(({ truth }) => truth),
      scores: [
        [reader(0), reader(1), reader(2)],
        [reader(3), reader(4), reader(5)],
      ],
    };
  });
const delong = { metric: "auc", covariance: { kind: "delong" } } as const;

describe("several readers under two conditions", () => {
  it("give the same tests whoever is named first, of readers and of conditions", () => {
    fc.assert(
      fc.property(study, ({ truth, scores }) => {
        const forth = obuchowskiRockette({ truth, scores, direction, ...delong });
        const turned = scores.map((row) => [...row].reverse()).reverse();
        const back = obuchowskiRockette({ truth, scores: turned, direction, ...delong });
        const options = { relative: 1e-6, absolute: 1e-9 };
        expectClose(back.randomReadersRandomCases.p, forth.randomReadersRandomCases.p, options);
        expectClose(back.fixedReadersRandomCases.p, forth.fixedReadersRandomCases.p, options);
        expectClose(back.components.cov3, forth.components.cov3, options);
      }),
    );
  });

  it("with fixed readers, compare each reader as the paired DeLong test does", () => {
    fc.assert(
      fc.property(study, ({ truth, scores }) => {
        const { byReader } = obuchowskiRockette({ truth, scores, direction, ...delong }).fixedReadersRandomCases;
        for (const [reader, each] of byReader.entries()) {
          const [first = [], second = []] = [scores[0]?.[reader], scores[1]?.[reader]];
          const test = pairedDeLong({ truth, first, second, direction, tail: "two-sided" });
          expectClose(each.estimate, test.difference.estimate);
          if (test.p !== null && each.p !== null) expectClose(each.p, test.p, { relative: 1e-5 });
        }
      }),
    );
  });

  it("are refused with one reader, one condition, rows of different length, or a class of one", () => {
    const one = [0, 1, 2, 3];
    const refuse = (scores: number[][][], truth = [0, 0, 1, 1]) =>
      expect(() => obuchowskiRockette({ truth, scores, direction, ...delong }));
    refuse([[one], [one]]).toThrow("2 tests and 1 readers");
    refuse([[one, one]]).toThrow("1 tests");
    refuse([[one, one], [one]]).toThrow("Test 1 has 1 readers");
    refuse(
      [
        [one, one],
        [one, one],
      ],
      [0, 0, 0, 1],
    ).toThrow("two units");
    refuse([
      [one, one],
      [one, one],
    ]).not.toThrow();
  });

  it("say that few readers leave the random-reader result little to learn from", () => {
    const scores = [
      [
        [0, 1, 2, 3],
        [1, 0, 2, 3],
      ],
      [
        [0, 2, 1, 3],
        [0, 1, 3, 2],
      ],
    ];
    expect(obuchowskiRockette({ truth: [0, 0, 1, 1], scores, direction, ...delong }).caution).toEqual(
      saying(/only 2 readers/),
    );
  });
});

describe("the reader-averaged area by U-statistics", () => {
  it("is the mean of the readers' areas, and the difference that of Obuchowski and Rockette", () => {
    fc.assert(
      fc.property(study, ({ truth, scores }) => {
        const [first = [], second = []] = scores;
        const result = compareReaderAveragedAuc({ truth, first, second, direction });
        const or = obuchowskiRockette({ truth, scores, direction, ...delong });
        const mean = or.theta[0]?.reduce((sum, value) => sum + value / 3, 0);
        expectClose(readerAveragedAuc({ truth, readers: first, direction }).unbiased.area.estimate, mean);
        expectClose(result.difference.mle.area.estimate, or.randomReadersRandomCases.differences[0]?.estimate);
      }),
    );
  });
});

describe("the network against readers", () => {
  const truth = [0, 0, 0, 1, 1, 1];
  const network = [0, 1, 2, 3, 4, 5];
  const readers = [
    [0, 3, 1, 2, 4, 5],
    [1, 0, 4, 2, 5, 3],
  ];

  it("against one reader is the paired test; the random-reader result needs two", () => {
    const single = networkAgainstReaders({
      truth,
      network,
      readers: readers.slice(0, 1),
      direction,
      tail: "two-sided",
      ...delong,
    });
    const test = pairedDeLong({ truth, first: readers[0] ?? [], second: network, direction, tail: "two-sided" });
    expectClose(single.fixedReaders.p, test.p);
    expect(single.randomReaders).toBeNull();
    const both = networkAgainstReaders({ truth, network, readers, direction, tail: "two-sided", ...delong });
    expect(both.randomReaders?.df).toBeGreaterThan(0);
    expect(both.caution).toEqual(saying(/fixed-reader/));
    expect(() =>
      networkAgainstReaders({ truth, network, readers: [], direction, tail: "two-sided", ...delong }),
    ).toThrow("There is no reader");
  });
});

describe("non-inferiority", () => {
  const about = { standardError: 0.02, df: null, margin: 0.05 };
  it("holds when the interval excludes the margin, and P agrees with it", () => {
    const inside = nonInferiority({ ...about, difference: -0.01 });
    expect([inside.isNonInferior, inside.isSuperior, inside.p < 0.025]).toEqual([true, false, true]);
    const outside = nonInferiority({ ...about, difference: -0.02 });
    expect([outside.isNonInferior, outside.p < 0.025]).toEqual([false, false]);
    expect(nonInferiority({ ...about, difference: 0.05 }).isSuperior).toBe(true);
    expect(nonInferiority({ ...about, difference: -0.01, df: 3 }).isNonInferior).toBe(false);
  });

  it("needs a margin fixed beforehand", () => {
    expect(() => nonInferiority({ ...about, difference: 0, margin: 0 })).toThrow("margin is 0");
  });
});
