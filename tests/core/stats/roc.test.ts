import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normal, seededRandom } from "@/core/random";
import { correlatedAreas } from "@/core/stats/clustered/auc-covariance";
import { bootstrap } from "@/core/stats/clustered/bootstrap";
import { bootstrapAtFixed, bootstrapCutoff } from "@/core/stats/clustered/cutoff-interval";
import { rocBand } from "@/core/stats/clustered/roc-band";
import { normalCdf, normalQuantile } from "@/core/stats/distributions";
import { auc, aucAgainstChance } from "@/core/stats/roc/auc";
import { bestCutoffs, cutoffKeeping } from "@/core/stats/roc/cutoff";
import { pairedDeLong } from "@/core/stats/roc/delong";
import { partialAuc } from "@/core/stats/roc/partial-auc";
import { precisionRecall } from "@/core/stats/roc/precision-recall";
import { rankScores, weightedAuc } from "@/core/stats/roc/ranked-scores";
import { rocPoints } from "@/core/stats/roc/roc-points";
import { sortDoubles } from "@/core/stats/roc/sort-doubles";
import { unpairedDeLong } from "@/core/stats/roc/unpaired-delong";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";
import { scored } from "./scored";

const inOrder = { truth: [0, 0, 1, 1], score: [1, 2, 3, 4], direction: "higher" } as const;

describe("the AUC", () => {
  it("equals the share of correctly ordered pairs, counted one by one", () => {
    fc.assert(
      fc.property(scored, (data) => {
        const { truth, score } = data;
        let [won, pairs] = [0, 0];
        for (const [i, a] of score.entries()) {
          for (const [j, b] of score.entries()) {
            if (truth[i] !== 1 || truth[j] !== 0) continue;
            pairs++;
            won += a > b ? 1 : a === b ? 0.5 : 0;
          }
        }
        expectClose(auc(data).auc.estimate, won / pairs);
        expectClose(weightedAuc(rankScores(data), new Float64Array(truth.length).fill(1)), won / pairs);
        const points = rocPoints(data);
        const trapezoid = points.reduce((sum, { fpr, tpr }, i) => {
          const before = points[i - 1] ?? { fpr: 0, tpr: 0 };
          return sum + ((fpr - before.fpr) * (tpr + before.tpr)) / 2;
        }, 0);
        expectClose(trapezoid, won / pairs);
      }),
    );
  });

  it("of one direction and of the other add up to 1, and negated scores are the other direction", () => {
    fc.assert(
      fc.property(scored, (data) => {
        const forth = auc(data);
        const back = auc({ ...data, direction: "lower" });
        expectClose((forth.auc.estimate ?? 0) + (back.auc.estimate ?? 0), 1);
        expectClose(back.variance, forth.variance, { relative: 1e-6, absolute: 1e-12 });
        const negated = auc({ ...data, score: data.score.map((value) => -value) });
        expect(negated).toEqual(back);
      }),
    );
  });

  it("does not change, nor its interval, under a strictly increasing transform or another order of units", () => {
    fc.assert(
      fc.property(scored, ({ truth, score }) => {
        const original = auc({ truth, score, direction: "higher" }).auc;
        const changed = auc({
          truth: [...truth].reverse(),
          score: score.map((value) => value ** 3 + 2 * value).reverse(),
          direction: "higher",
        }).auc;
        expectClose(changed.estimate, original.estimate);
        expectClose(changed.lower, original.lower);
      }),
    );
  });

  it("lies inside its intervals, and these between 0 and 1", () => {
    fc.assert(
      fc.property(scored, (data) => {
        const { auc: area, logit } = auc(data);
        const intervals = [logit, area.lower === null || area.upper === null ? null : [area.lower, area.upper]];
        for (const limits of intervals) {
          if (!limits || area.estimate === null) continue;
          const [lower = 0, upper = 0] = limits;
          expect(lower).toBeGreaterThanOrEqual(0);
          expect(lower).toBeLessThanOrEqual(area.estimate);
          expect(upper).toBeGreaterThanOrEqual(area.estimate);
          expect(upper).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("has no interval with one unit in a class, and has one with two", () => {
    expect(auc({ truth: [1, 0, 0], score: [3, 1, 2], direction: "higher" }).auc).toMatchObject({
      estimate: 1,
      lower: null,
      caution: saying(/two units/),
    });
    expect(auc({ truth: [1, 1, 0, 0], score: [3, 1, 1, 2], direction: "higher" }).auc.lower).not.toBeNull();
  });

  it("warns that a perfect separation leaves an interval without information, and has no test against chance", () => {
    expect(auc(inOrder).auc).toMatchObject({ lower: 1, caution: saying(/not informative/) });
    expect(aucAgainstChance({ ...inOrder, tail: "two-sided" })).toBeNull();
    const imperfect = { ...inOrder, score: [1, 3, 2, 4] };
    expect(auc(imperfect).auc).not.toHaveProperty("caution");
    const [more, less] = (["greater", "less"] as const).map((tail) => aucAgainstChance({ ...imperfect, tail })?.p ?? 0);
    expectClose((more ?? 0) + (less ?? 0), 1);
    expect(more).toBeLessThan(0.5);
  });
});

describe("areas on the same units", () => {
  it("change sign, and nothing else, when the scores change places", () => {
    fc.assert(
      fc.property(scored, ({ truth, score, other, direction }) => {
        const forth = pairedDeLong({ truth, first: score, second: other, direction, tail: "two-sided" });
        const back = pairedDeLong({ truth, first: other, second: score, direction, tail: "two-sided" });
        expectClose(back.difference.estimate, forth.difference.estimate === null ? null : -forth.difference.estimate);
        expectClose(back.p, forth.p);
        const greater = pairedDeLong({ truth, first: score, second: other, direction, tail: "greater" });
        if (forth.p !== null && forth.z !== null && forth.z > 0) expectClose(greater.p, forth.p / 2);
      }),
    );
  });

  it("have no P value for identical scores, which they do have for different ones", () => {
    const about = {
      truth: [0, 0, 0, 1, 1, 1],
      first: [1, 2, 4, 3, 5, 6],
      direction: "higher",
      tail: "two-sided",
    } as const;
    expect(pairedDeLong({ ...about, second: about.first })).toMatchObject({ p: null, standardError: 0 });
    expect(pairedDeLong({ ...about, second: [1, 5, 2, 3, 4, 6] }).p).toBeGreaterThan(0);
  });

  it("have a jackknife covariance in closed form that equals leaving each unit out in turn", () => {
    fc.assert(
      fc.property(scored, ({ truth, score, other, direction }) => {
        const { covariance } = correlatedAreas({
          truth,
          scores: [score, other],
          direction,
          covariance: { kind: "jackknife" },
        });
        const ranked = [score, other].map((each) => rankScores({ truth, score: each, direction }));
        const without = ranked.map((each) =>
          truth.map((_, left) =>
            weightedAuc(
              each,
              Float64Array.from(truth.keys(), (i) => (i === left ? 0 : 1)),
            ),
          ),
        );
        if (without.flat().includes(null)) {
          expect(covariance).toBeNull();
          return;
        }
        const n = truth.length;
        const [a = [], b = []] = without.map((values) => {
          const mean = values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / n;
          return values.map((value) => (value ?? 0) - mean);
        });
        const naive = ((n - 1) / n) * a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
        expectClose(covariance?.[0]?.[1], naive, { relative: 1e-8, absolute: 1e-10 });
      }),
    );
  });

  it("of two samples have no test where both separate perfectly", () => {
    const perfect = unpairedDeLong({ first: inOrder, second: inOrder, tail: "two-sided" });
    expect(perfect).toMatchObject({ difference: { estimate: 0, lower: null }, pNormal: null });
    const other = { ...inOrder, score: [1, 3, 2, 4] };
    expect(unpairedDeLong({ first: inOrder, second: other, tail: "two-sided" }).pNormal).toBeGreaterThan(0);
  });
});

describe("a cut-off by bootstrap", () => {
  const n = 60;
  const truth = Array.from({ length: n }, (_, i) => i % 2);
  const score = truth.map((value, i) => ((i * 17) % 31) + 12 * value);
  const drawing = { cluster: null, replicates: 400 };
  const data = { truth, score, direction: "higher" } as const;

  it("lies inside its interval, which is one of scores, and is the same for the same seed", () => {
    for (const criterion of ["youden", "top-left"] as const) {
      const draw = () => bootstrapCutoff({ ...data, ...drawing, criterion, random: seededRandom(4) });
      const { threshold, sensitivity } = draw();
      expect(draw().threshold).toEqual(threshold);
      if (threshold.estimate === null || sensitivity.estimate === null) throw new Error("no cut-off");
      const best = bestCutoffs(data)[criterion === "youden" ? "youden" : "topLeft"].cutoffs[0];
      expect([threshold.estimate, sensitivity.estimate]).toEqual([best?.threshold, best?.sensitivity]);
      expect(threshold.lower).toBeLessThanOrEqual(threshold.estimate);
      expect(threshold.upper).toBeGreaterThanOrEqual(threshold.estimate);
    }
  });

  it("at a fixed specificity gives the sensitivity there, less the more is asked", () => {
    const at = (atLeast: number) =>
      bootstrapAtFixed({ ...data, ...drawing, keep: "specificity", atLeast, random: seededRandom(4) });
    expect(at(0.8).estimate).toBe(cutoffKeeping({ ...data, keep: "specificity", atLeast: 0.8 })?.sensitivity);
    expect(at(0.95).estimate).toBeLessThan(at(0.5).estimate ?? 0);
    expect(() => at(80)).toThrow("atLeast is 80");
  });
});

describe("the band about the ROC curve", () => {
  /** The highest sensitivity at a 1 - specificity on the curve through these points, by looking at every piece of it. */
  const sensitivityAt = (fpr: number, points: readonly { fpr: number; tpr: number }[]) =>
    points.reduce((best, to, i) => {
      const from = points[i - 1] ?? to;
      if (fpr < from.fpr - 1e-12 || fpr > to.fpr + 1e-12) return best;
      const part = to.fpr > from.fpr ? (fpr - from.fpr) / (to.fpr - from.fpr) : 1;
      return Math.max(best, from.tpr + part * (to.tpr - from.tpr));
    }, 0);

  it("is at each specificity the percentile interval of the sensitivity there, units copied as often as they were drawn", () => {
    fc.assert(
      fc.property(scored, ({ truth, score, cluster, direction }) => {
        const drawing = { cluster, replicates: 60 };
        const band = rocBand({ truth, score, direction, ...drawing, random: seededRandom(11) });
        for (const at of [0, 7, 29, 50, 100]) {
          const slow = bootstrap({
            n: truth.length,
            ...drawing,
            strata: null,
            random: seededRandom(11),
            statistic: (weights) => {
              const copied = [...weights].flatMap((weight, i) => Array.from({ length: weight }, () => i));
              const drawn = copied.map((i) => truth[i] ?? 0);
              if (!drawn.includes(0) || !drawn.includes(1)) return null;
              return sensitivityAt(
                at / 100,
                rocPoints({ truth: drawn, score: copied.map((i) => score[i] ?? 0), direction }),
              );
            },
          });
          if (band === null || slow.estimate === null) continue;
          expect(band.replicates).toBe(60 - slow.undefinedReplicates);
          expectClose(band.points[at]?.lower, slow.percentile[0]);
          expectClose(band.points[at]?.upper, slow.percentile[1]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("holds the true sensitivity of patients with several images in about 95 of 100 studies", () => {
    const random = seededRandom(2026);
    const studies = 250;
    // Binormal, half of the variance between patients: sensitivity at f is 1 - F(F^-1(1 - f) - 1.2).
    const truth = Array.from({ length: 240 }, (_, i) => (Math.floor(i / 2) % 2 === 0 ? 0 : 1));
    const cluster = truth.map((_, i) => Math.floor(i / 2));
    const covered = new Map([10, 20, 40].map((at) => [at, 0]));
    for (let study = 0; study < studies; study++) {
      const patients = Array.from({ length: 120 }, () => normal(random) * Math.SQRT1_2);
      const score = truth.map(
        (value, i) => 1.2 * value + (patients[cluster[i] ?? 0] ?? 0) + normal(random) * Math.SQRT1_2,
      );
      const band = rocBand({ truth, score, cluster, direction: "higher", replicates: 200, random });
      for (const [at, times] of covered) {
        const sensitivity = 1 - normalCdf(normalQuantile(1 - at / 100) - 1.2);
        const { lower = 1, upper = 0 } = band?.points[at] ?? {};
        covered.set(at, times + Number(lower <= sensitivity && sensitivity <= upper));
      }
    }
    for (const [at, times] of covered) {
      expect(times / studies, `at ${at} %`).toBeGreaterThan(0.91);
      expect(times / studies, `at ${at} %`).toBeLessThan(0.99);
    }
  });

  it("is left out where every replicate separates the classes, and says when there are few patients", () => {
    const cluster = Array.from({ length: 20 }, (_, i) => i);
    const truth = cluster.map((i) => i % 2);
    const about = { truth, cluster, direction: "higher", replicates: 100 } as const;
    expect(rocBand({ ...about, score: truth, random: seededRandom(1) })).toBeNull();
    const band = rocBand({ ...about, score: cluster.map((i) => (i * 7) % 20), random: seededRandom(1) });
    expect(band?.caution).toEqual(saying("only 10 clusters: the interval is likely too narrow"));
    expect(() => rocBand({ ...about, replicates: 0, score: truth, random: seededRandom(1) })).toThrow(
      "replicates is 0",
    );
  });
});

describe("the radix sort", () => {
  it("orders as the built-in one does, whatever the size, sign and ties of the numbers", () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 }));
    fc.assert(
      fc.property(fc.array(value, { minLength: 2048, maxLength: 3000 }), (values) => {
        const sorted = Float64Array.from(values);
        sortDoubles(sorted);
        const builtIn = Float64Array.from(values).sort();
        expect(sorted.every((each, i) => Object.is(each, builtIn[i]))).toBe(true);
      }),
      { numRuns: 5 },
    );
  });

  it("gives the same area for many units as counting in small parts does", () => {
    const n = 5000;
    const truth = Uint8Array.from({ length: n }, (_, i) => Number(i % 3 === 0));
    const score = Float64Array.from({ length: n }, (_, i) => ((i * 7919) % 1009) - 500 + (truth[i] ?? 0) * 100);
    const data = { truth, score, direction: "higher" } as const;
    expectClose(auc(data).auc.estimate, weightedAuc(rankScores(data), new Float64Array(n).fill(1)));
  });
});

describe("parts of the curve", () => {
  it("over the whole range are the area, whichever axis is integrated", () => {
    fc.assert(
      fc.property(scored, (data) => {
        const whole = auc(data).auc.estimate;
        for (const over of ["specificity", "sensitivity"] as const)
          expectClose(partialAuc({ ...data, over, from: 0, to: 1 }).raw, whole);
      }),
    );
  });

  it("refuse a range that is none", () => {
    expect(() => partialAuc({ ...inOrder, over: "specificity", from: 0.9, to: 0.9 })).toThrow("to - from is 0");
    expect(partialAuc({ ...inOrder, over: "specificity", from: 0.9, to: 1 })).toMatchObject({ corrected: 1 });
  });

  it("give the cut-off that keeps a specificity or sensitivity, and none that cannot", () => {
    const data = { truth: [0, 0, 1, 1], score: [1, 4, 3, 5], direction: "higher" } as const;
    expect(cutoffKeeping({ ...data, keep: "specificity", atLeast: 0.5 })).toEqual({
      threshold: 3,
      sensitivity: 1,
      specificity: 0.5,
    });
    expect(cutoffKeeping({ ...data, keep: "sensitivity", atLeast: 0.5 })?.threshold).toBe(5);
    const topIsNegative = { ...data, truth: [0, 1, 1, 0] };
    expect(cutoffKeeping({ ...topIsNegative, keep: "specificity", atLeast: 1 })).toBeNull();
  });

  it("choose cut-offs that are scores as given, in either direction", () => {
    expect(bestCutoffs(inOrder).youden).toEqual({ j: 1, cutoffs: [{ threshold: 3, sensitivity: 1, specificity: 1 }] });
    const lower = bestCutoffs({ truth: [1, 1, 0, 0], score: [1, 2, 3, 4], direction: "lower" });
    expect(lower.youden).toEqual({ j: 1, cutoffs: [{ threshold: 2, sensitivity: 1, specificity: 1 }] });
  });

  it("average precision is the prevalence when every score is the same, and 1 when all positives lead", () => {
    const constant = precisionRecall({ truth: [0, 0, 0, 1], score: [2, 2, 2, 2], direction: "higher" });
    expect(constant.averagePrecision.estimate).toBe(0.25);
    expect(precisionRecall(inOrder).averagePrecision.estimate).toBe(1);
  });
});
