import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { confusionMetrics, predictiveValuesAt } from "@/core/stats/counts/confusion";
import { clopperPearsonLimits, jeffreysLimits, wilson, wilsonLimits } from "@/core/stats/counts/proportion";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";

describe("a proportion", () => {
  it("of nothing is not estimable, and never 0", () => {
    expect(wilson({ events: 0, n: 0 })).toMatchObject({
      estimate: null,
      reason: saying(/denominator is 0/),
    });
    expect(wilson({ events: 0, n: 5 })).toMatchObject({ estimate: 0, lower: 0 });
  });

  it("of more events than units is refused", () => {
    expect(() => wilson({ events: 3, n: 2 })).toThrow("others is -1");
    expect(() => clopperPearsonLimits(3, 2)).toThrow("others is -1");
  });

  it("lies inside its intervals, which lie inside 0..1 and mirror when events and others change places", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (events, others) => {
        const n = events + others;
        fc.pre(n > 0);
        for (const limits of [wilsonLimits, clopperPearsonLimits, jeffreysLimits]) {
          const [lower, upper] = limits(events, n);
          expect(lower).toBeGreaterThanOrEqual(0);
          expect(lower).toBeLessThanOrEqual(events / n + 1e-12);
          expect(upper).toBeGreaterThanOrEqual(events / n - 1e-12);
          expect(upper).toBeLessThanOrEqual(1);
          expectClose(limits(others, n)[0], 1 - upper, { absolute: 1e-9 });
        }
      }),
    );
  });
});

describe("accuracy from four counts", () => {
  it("calls a ratio over 0 infinite, and 0 over 0 not estimable", () => {
    const { lrPositive, lrNegative } = confusionMetrics({ tp: 1, fn: 1, tn: 2, fp: 0 });
    expect(lrPositive).toMatchObject({ estimate: null, infinite: true });
    expect(lrNegative).toMatchObject({ estimate: 0.5 });
    const undefinedRatio = confusionMetrics({ tp: 0, fn: 2, tn: 2, fp: 0 }).lrPositive;
    expect(undefinedRatio).toMatchObject({ estimate: null });
    expect(undefinedRatio).not.toHaveProperty("infinite");
  });

  it("gives its own predictive values back at its own prevalence", () => {
    const { ppv, npv, sensitivity, specificity, prevalence } = confusionMetrics({ tp: 174, fn: 144, tn: 231, fp: 95 });
    const again = predictiveValuesAt({
      sensitivity: sensitivity.estimate ?? 0,
      specificity: specificity.estimate ?? 0,
      prevalence: prevalence.estimate ?? 0,
    });
    expectClose(again.ppv, ppv.estimate);
    expectClose(again.npv, npv.estimate);
    expect(predictiveValuesAt({ sensitivity: 0.9, specificity: 1, prevalence: 0 }).ppv).toBeNull();
    expect(() => predictiveValuesAt({ sensitivity: 54.7, specificity: 1, prevalence: 0.5 })).toThrow(
      "must lie in 0..1",
    );
  });
});
