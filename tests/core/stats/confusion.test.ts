import { describe, expect, it } from "vitest";
import { type ConfusionCounts, confusionMetrics } from "@/core/stats/confusion";
import { z95 } from "@/core/stats/distributions";
import { wilson } from "@/core/stats/wilson";
import { expectClose, readCases } from "./oracle";

const proportions = ["prevalence", "sensitivity", "specificity", "ppv", "npv", "accuracy"] as const;
interface Case {
  id: string;
  input: ConfusionCounts;
  expected: Record<
    (typeof proportions)[number],
    { denominator: number; estimate: number | null; wilson: [number | null, number | null] }
  > & { balanced_accuracy: number | null; binary_auc_delong_se: number | null; youden_j: number | null };
}

describe("accuracy from four counts agrees with R and epiR", () => {
  it.each(readCases<Case>("confusion_metrics").map((each) => [each.id, each] as const))(
    "%s",
    (_, { input, expected }) => {
      const result = confusionMetrics(input);
      for (const measure of proportions) {
        expect(result[measure].n).toBe(expected[measure].denominator);
        expectClose(result[measure].estimate, expected[measure].estimate, { what: measure });
        expectClose(result[measure].lower, expected[measure].wilson[0], { what: `${measure}, lower` });
        expectClose(result[measure].upper, expected[measure].wilson[1], { what: `${measure}, upper` });
      }
      expectClose(result.balancedAccuracy.estimate, expected.balanced_accuracy);
      expectClose(result.youden.estimate, expected.youden_j);
      const { estimate, lower } = result.balancedAccuracy;
      const standardError = expected.binary_auc_delong_se;
      if (estimate !== null && standardError !== null) {
        expectClose(lower, Math.max(0, estimate - z95 * standardError), { what: "single-point AUC, lower" });
      }
    },
  );
});

describe("a proportion", () => {
  it("of nothing is not estimable, and never 0", () => {
    expect(wilson({ events: 0, n: 0 })).toMatchObject({
      estimate: null,
      reason: expect.stringContaining("denominator is 0"),
    });
    expect(wilson({ events: 0, n: 5 })).toMatchObject({ estimate: 0, lower: 0 });
  });

  it("of more events than units is refused", () => {
    expect(() => wilson({ events: 3, n: 2 })).toThrow("others is -1");
  });
});
