import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusteredProportion } from "@/core/stats/clustered/clustered-proportion";
import { confusionMetrics } from "@/core/stats/counts/confusion";
import { calibration } from "@/core/stats/network/calibration";
import { calibrationCurve } from "@/core/stats/network/calibration-curve";
import { netBenefit } from "@/core/stats/network/net-benefit";
import { thresholdTable } from "@/core/stats/network/threshold-table";
import { bestCutoffs } from "@/core/stats/roc/cutoff";
import { rocPoints } from "@/core/stats/roc/roc-points";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";
import { refusalOf } from "./refusal";
import { scored } from "./scored";

const shares = ["sensitivity", "specificity", "ppv", "npv"] as const;

describe("the threshold table", () => {
  const data = { truth: [0, 0, 1, 1, 1], score: [0.1, 0.5, 0.5, 0.7, 0.9] };

  it("calls a score equal to the threshold positive, in either direction", () => {
    const [higher] = thresholdTable({ ...data, direction: "higher", cluster: null, thresholds: [0.5] });
    expect(higher).toMatchObject({ tp: 3, fn: 0, tn: 1, fp: 1, youden: 0.5 });
    const [lower] = thresholdTable({ ...data, direction: "lower", cluster: null, thresholds: [0.5] });
    expect(lower).toMatchObject({ tp: 1, fn: 2, tn: 0, fp: 2 });
    expectClose(lower?.youden, 1 / 3 - 1);
  });

  it("has the counts of a recount and the intervals of the four counts, when units are independent", () => {
    fc.assert(
      fc.property(
        scored,
        fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 5 }),
        (all, thresholds) => {
          const { truth, score } = all;
          const table = thresholdTable({ ...all, cluster: null, thresholds });
          expect(table.map(({ threshold }) => threshold)).toEqual(thresholds);
          for (const { threshold, tp, fn, tn, fp, youden, ...row } of table) {
            const count = (isPositive: boolean, isCalled: boolean) =>
              truth.filter((value, i) => (value === 1) === isPositive && (score[i] ?? 0) >= threshold === isCalled)
                .length;
            expect([tp, fn, tn, fp]).toEqual([
              count(true, true),
              count(true, false),
              count(false, false),
              count(false, true),
            ]);
            const metrics = confusionMetrics({ tp, fn, tn, fp });
            for (const of of shares) expect(row[of]).toEqual(metrics[of]);
            expectClose(youden, metrics.youden.estimate);
          }
        },
      ),
    );
  });

  it("has clustered intervals over the denominator of each share, and the counts of independent units", () => {
    fc.assert(
      fc.property(scored, fc.integer({ min: -7, max: 7 }), (all, threshold) => {
        const { truth, score, cluster } = all;
        const [row] = thresholdTable({ ...all, thresholds: [threshold] });
        const [plain] = thresholdTable({ ...all, cluster: null, thresholds: [threshold] });
        if (!row || !plain) throw new Error("a row is missing");
        const called = score.map((value) => Number(value >= threshold));
        const of = (outcome: number[], among: number[], value: number) => {
          const isIn = (_: number, i: number) => among[i] === value;
          return clusteredProportion({ outcome: outcome.filter(isIn), cluster: cluster.filter(isIn) }).proportion;
        };
        const not = (values: number[]) => values.map((value) => 1 - value);
        expect(row.sensitivity).toEqual(of(called, truth, 1));
        expect(row.specificity).toEqual(of(not(called), truth, 0));
        expect(row.ppv).toEqual(of(truth, called, 1));
        expect(row.npv).toEqual(of(not(truth), called, 0));
        for (const share of shares) expectClose(row[share].estimate, plain[share].estimate);
        expect([row.tp, row.fn, row.tn, row.fp]).toEqual([plain.tp, plain.fn, plain.tn, plain.fp]);
      }),
    );
  });

  it("with every distinct score is the ROC curve, and its largest J the one that the best cut-offs have", () => {
    fc.assert(
      fc.property(scored, (all) => {
        const table = thresholdTable({ ...all, cluster: null, thresholds: "every" });
        const points = table.map(({ threshold, sensitivity, specificity }) => ({
          fpr: 1 - (specificity.estimate ?? 0),
          tpr: sensitivity.estimate,
          threshold,
        }));
        const curve = rocPoints(all).slice(1);
        expect(points.map(({ threshold }) => threshold)).toEqual(curve.map(({ threshold }) => threshold));
        for (const [i, point] of points.entries()) {
          expectClose(point.fpr, curve[i]?.fpr);
          expectClose(point.tpr, curve[i]?.tpr);
        }
        const { j, cutoffs } = bestCutoffs(all).youden;
        const best = table.filter(({ youden }) => youden > j - 1e-12);
        expect(best.map(({ threshold }) => threshold).reverse()).toEqual(cutoffs.map(({ threshold }) => threshold));
      }),
    );
  });

  it("loses sensitivity and gains specificity as the threshold gets stricter", () => {
    fc.assert(
      fc.property(scored, (all) => {
        const table = thresholdTable({ ...all, thresholds: [-7, -3, 0, 3, 7] });
        for (const [i, row] of table.entries()) {
          const before = table[i - 1] ?? row;
          expect(row.tp).toBeLessThanOrEqual(before.tp);
          expect(row.tn).toBeGreaterThanOrEqual(before.tn);
        }
      }),
    );
  });

  it("is the same for negated scores and thresholds in the other direction, and for units in another order", () => {
    fc.assert(
      fc.property(scored, (all) => {
        const { truth, score, cluster, direction } = all;
        const thresholds = [-2, 1];
        const original = thresholdTable({ truth, score, cluster, direction, thresholds });
        const negated = thresholdTable({
          truth,
          score: score.map((value) => -value),
          cluster,
          direction: "lower",
          thresholds: [2, -1],
        });
        expect(negated.map((row) => ({ ...row, threshold: 0 }))).toEqual(
          original.map((row) => ({ ...row, threshold: 0 })),
        );
        const reversed = thresholdTable({
          truth: Uint8Array.from([...truth].reverse()),
          score: Float64Array.from([...score].reverse()),
          cluster: [...cluster].reverse(),
          direction,
          thresholds: Float64Array.from(thresholds),
        });
        for (const [i, row] of reversed.entries()) {
          for (const share of shares) {
            expectClose(row[share].estimate, original[i]?.[share].estimate);
            expectClose(row[share].lower, original[i]?.[share].lower, { absolute: 1e-9 });
          }
        }
      }),
    );
  });

  it("has no PPV where nothing is called and no NPV where everything is, and has both in between", () => {
    const [all, some, none] = thresholdTable({
      ...data,
      direction: "higher",
      cluster: [1, 2, 3, 4, 5],
      thresholds: [0, 0.6, 2],
    });
    expect(none?.ppv).toMatchObject({ estimate: null, reason: saying(/denominator is 0/) });
    expect(all?.npv.estimate).toBeNull();
    expect([some?.ppv.estimate, some?.npv.estimate]).toEqual([1, 2 / 3]);
    expect([all?.youden, none?.youden]).toEqual([0, 0]);
  });

  it("refuses impossible input with its code and place, and takes it put right", () => {
    const of = (change: object) =>
      refusalOf(() =>
        thresholdTable({ ...data, direction: "higher", cluster: [1, 1, 2, 2, 3], thresholds: [0.5], ...change }),
      );
    expect(of({})).toBe("nothing thrown");
    expect(of({ thresholds: [0.5, Number.NaN] })).toEqual({ code: "not_finite", index: 1 });
    expect(of({ thresholds: [Number.POSITIVE_INFINITY] })).toEqual({ code: "not_finite", index: 0 });
    expect(of({ cluster: [1] })).toEqual({ code: "length_mismatch", index: 1 });
    expect(of({ truth: [0, 0, 0, 0, 0] })).toEqual({ code: "one_class", index: 0 });
    expect(of({ truth: [0, 1, 2, 0, 1] })).toEqual({ code: "not_binary", index: 2 });
    expect(of({ score: [1, 2, Number.NaN, 4, 5] })).toEqual({ code: "not_finite", index: 2 });
    expect(of({ truth: [], score: [], cluster: [] })).toEqual({ code: "empty", index: null });
  });
});

/** Probabilities in twentieths, 0 and 1 excluded, both classes present. */
const predicted = fc
  .array(fc.record({ truth: fc.constantFrom(0, 1), twentieth: fc.integer({ min: 1, max: 19 }) }), { maxLength: 40 })
  .map((units) => [{ truth: 0, twentieth: 6 }, { truth: 1, twentieth: 9 }, ...units])
  .map((units) => ({
    truth: units.map(({ truth }) => truth),
    probability: units.map(({ twentieth }) => twentieth / 20),
  }));

describe("net benefit", () => {
  it("is true positives less false positives weighed by the odds of the threshold, as in the threshold table", () => {
    const thresholds = [0.05, 0.3, 0.5, 0.95];
    fc.assert(
      fc.property(predicted, ({ truth, probability: score }) => {
        const table = thresholdTable({ truth, score, direction: "higher", cluster: null, thresholds });
        for (const [i, { model, threshold }] of netBenefit({ truth, score, thresholds }).entries()) {
          const { tp = 0, fp = 0 } = table[i] ?? {};
          expectClose(model, (tp - (fp * threshold) / (1 - threshold)) / truth.length);
        }
      }),
    );
  });

  it("at threshold 0 is the prevalence; treating all is worth nothing at the prevalence, treating none never", () => {
    fc.assert(
      fc.property(predicted, ({ truth, probability: score }) => {
        const prevalence = truth.reduce((sum, value) => sum + value, 0) / truth.length;
        const [zero, at] = netBenefit({ truth, score, thresholds: [0, prevalence] });
        expectClose(zero?.model, prevalence);
        expectClose(zero?.treatAll, prevalence);
        expectClose(at?.treatAll, 0);
        expect([zero?.treatNone, at?.treatNone]).toEqual([0, 0]);
      }),
    );
  });

  it("never exceeds the prevalence, is that of treating all below every score, and ignores the order", () => {
    fc.assert(
      fc.property(predicted, ({ truth, probability: score }) => {
        const prevalence = truth.reduce((sum, value) => sum + value, 0) / truth.length;
        const thresholds = [0.01, 0.2, 0.5, 0.8, 0.99];
        const curve = netBenefit({ truth, score, thresholds });
        for (const { model } of curve) expect(model).toBeLessThanOrEqual(prevalence + 1e-12);
        expectClose(curve[0]?.model, curve[0]?.treatAll);
        expect(curve.at(-1)?.model).toBe(0);
        const reversed = { truth: [...truth].reverse(), score: [...score].reverse() };
        expect(netBenefit({ ...reversed, thresholds })).toEqual(curve);
      }),
    );
  });

  it("refuses what is no probability and a threshold of 1, and takes 0 and scores of 0 and 1", () => {
    const of = (score: number[], thresholds: number[]) =>
      refusalOf(() => netBenefit({ truth: [0, 1], score, thresholds }));
    expect(of([0, 1], [0])).toBe("nothing thrown");
    expect(of([0, 1.1], [0])).toEqual({ code: "out_of_range", index: 1 });
    expect(of([0, 1], [0, 1])).toEqual({ code: "out_of_range", index: 1 });
    expect(of([0, 1], [-0.1])).toEqual({ code: "out_of_range", index: 0 });
  });
});

describe("calibration", () => {
  const logit = (p: number) => Math.log(p / (1 - p));
  const expit = (x: number) => 1 / (1 + Math.exp(-x));

  it("has the Brier score and log loss of a plain sum, and bins that hold every unit", () => {
    fc.assert(
      fc.property(predicted, ({ truth, probability }) => {
        const result = calibration({ truth, probability, groups: 5 });
        const n = truth.length;
        const right = probability.map((p, i) => (truth[i] === 1 ? p : 1 - p));
        expectClose(result.brier, right.reduce((sum, p) => sum + (1 - p) ** 2, 0) / n);
        expectClose(result.logLoss, -right.reduce((sum, p) => sum + Math.log(p), 0) / n);
        expect(result.bins.reduce((sum, bin) => sum + bin.n, 0)).toBe(n);
        expect(result.ece).toBeLessThanOrEqual(result.mce + 1e-12);
      }),
    );
  });

  it("moves its intercept and divides its slope as the log odds are moved and multiplied", () => {
    fc.assert(
      fc.property(
        predicted,
        fc.constantFrom(-0.5, 0.8),
        fc.constantFrom(0.7, 1.6),
        ({ truth, probability }, by, times) => {
          const original = calibration({ truth, probability, groups: 5 });
          const moved = calibration({ truth, probability: probability.map((p) => expit(logit(p) + by)), groups: 5 });
          const [before, after] = [original.inTheLarge.intercept.estimate, moved.inTheLarge.intercept.estimate];
          expectClose(after, before === null ? null : before - by, { relative: 1e-6, absolute: 1e-7 });
          const scaled = calibration({
            truth,
            probability: probability.map((p) => expit(logit(p) * times)),
            groups: 5,
          });
          const [slope, divided] = [original.recalibration.slope.estimate, scaled.recalibration.slope.estimate];
          expectClose(divided, slope === null ? null : slope / times, { relative: 1e-5, absolute: 1e-6 });
        },
      ),
    );
  });

  it("of its own recalibrated probabilities has intercept 0 and slope 1", () => {
    fc.assert(
      fc.property(predicted, ({ truth, probability }) => {
        const { intercept, slope } = calibration({ truth, probability, groups: 5 }).recalibration;
        if (intercept.estimate === null || slope.estimate === null || Math.abs(slope.estimate) < 0.01) return;
        const [a, b] = [intercept.estimate, slope.estimate];
        const recalibrated = probability.map((p) => expit(a + b * logit(p)));
        if (recalibrated.some((p) => p < 1e-6 || p > 1 - 1e-6)) return;
        const again = calibration({ truth, probability: recalibrated, groups: 5 });
        expectClose(again.recalibration.intercept.estimate, 0, { absolute: 1e-5 });
        expectClose(again.recalibration.slope.estimate, 1, { absolute: 1e-5 });
        expectClose(again.inTheLarge.intercept.estimate, 0, { absolute: 1e-5 });
      }),
    );
  });

  it("mirrors when disease and health change places: Brier and slope stay, the intercept changes sign", () => {
    fc.assert(
      fc.property(predicted, ({ truth, probability }) => {
        const one = calibration({ truth, probability, groups: 5 });
        const other = calibration({
          truth: truth.map((value) => 1 - value),
          probability: probability.map((p) => 1 - p),
          groups: 5,
        });
        const near = { relative: 1e-6, absolute: 1e-7 };
        expectClose(other.brier, one.brier, near);
        expectClose(other.recalibration.slope.estimate, one.recalibration.slope.estimate, near);
        const intercept = one.inTheLarge.intercept.estimate;
        expectClose(other.inTheLarge.intercept.estimate, intercept === null ? null : -intercept, near);
      }),
    );
  });

  it("has no slope where the probabilities separate the classes, and one where they do not", () => {
    const slopeOf = (probability: number[]) =>
      calibration({ truth: [0, 0, 1, 1], probability, groups: 2 }).recalibration.slope;
    expect(slopeOf([0.1, 0.3, 0.6, 0.9])).toMatchObject({
      estimate: null,
      reason: saying(/separate/),
    });
    expect(slopeOf([0.1, 0.6, 0.3, 0.9]).estimate).not.toBeNull();
    expect(() => slopeOf([0.1, 0.6, 0.3, 1.1])).toThrow("probability[3] is 1.1");
  });

  it("as a curve has one rising point a probability, indices in order, and ignores the order of units", () => {
    fc.assert(
      fc.property(predicted, ({ truth, probability }) => {
        const curve = calibrationCurve({ truth, probability });
        const rising = [...new Set(probability)].sort((a, b) => a - b);
        expect(curve.points.map((point) => point.probability)).toEqual(rising);
        expect(curve.e50).toBeLessThanOrEqual(curve.e90 + 1e-12);
        expect(curve.e90).toBeLessThanOrEqual(curve.emax + 1e-12);
        expect(curve.ici).toBeLessThanOrEqual(curve.emax + 1e-12);
        const reversed = calibrationCurve({ truth: [...truth].reverse(), probability: [...probability].reverse() });
        expectClose(reversed.ici, curve.ici, { absolute: 1e-9 });
      }),
    );
  });

  it("as a curve of more than 2,000 units is R's lowess with what lies within a thousandth of the range interpolated", () => {
    const units = Array.from({ length: 2500 }, (_, i) => ({
      probability: ((i * 7919) % 2503) / 2503,
      threshold: ((i * 104729) % 1009) / 1009,
    }));
    const { points } = calibrationCurve({
      truth: units.map(({ probability, threshold }) => (threshold < probability ** 1.5 ? 1 : 0)),
      probability: units.map(({ probability }) => probability),
    });
    // lowess(p, t, f = 2/3, iter = 0, delta = diff(range(p)) / 1000), R 4.2.2
    const fromR: [number, number, number][] = [
      [0, 0, -0.0388540628699146],
      [499, 0.199360767079505, 0.102583631463463],
      [1249, 0.499001198561726, 0.360400473977058],
      [1999, 0.799440671194567, 0.726784538218923],
      [2499, 0.99960047942469, 0.998959600294567],
    ];
    for (const [at, probability, observed] of fromR) {
      expectClose(points[at]?.probability ?? null, probability, { absolute: 1e-12 });
      expectClose(points[at]?.observed ?? null, observed, { absolute: 1e-9 });
    }
  });
});
