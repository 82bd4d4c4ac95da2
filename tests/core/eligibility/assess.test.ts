import { describe, expect, it } from "vitest";
import { assessEligibility, type Criterion } from "@/core/eligibility/assess";

const criteria: Criterion[] = [
  { key: "biopsy", kind: "inclusion", text: "Proven by biopsy" },
  { key: "node", kind: "inclusion", text: "At least one node" },
  { key: "radiotherapy", kind: "exclusion", text: "Radiotherapy before surgery" },
];

describe("a screening", () => {
  it("is eligible when every inclusion criterion is met and no exclusion criterion is", () => {
    const answers = { biopsy: "met", node: "met", radiotherapy: "not_met" } as const;
    expect(assessEligibility({ criteria, answers })).toMatchObject({ verdict: "eligible", reasons: [] });
  });

  it("is ineligible for an unmet inclusion or a met exclusion criterion, and names all of them", () => {
    const answers = { biopsy: "not_met", node: "met", radiotherapy: "met" } as const;
    const { verdict, reasons } = assessEligibility({ criteria, answers });
    expect(verdict).toBe("ineligible");
    expect(reasons.map(({ key }) => key)).toEqual(["biopsy", "radiotherapy"]);
  });

  it("is undecided while an answer is unknown or missing", () => {
    const { verdict, reasons } = assessEligibility({ criteria, answers: { biopsy: "met", radiotherapy: "unknown" } });
    expect(verdict).toBe("undecided");
    expect(reasons.map(({ key }) => key)).toEqual(["node", "radiotherapy"]);
  });

  it("is ineligible rather than undecided when both hold", () => {
    const result = assessEligibility({ criteria, answers: { biopsy: "not_met" } });
    expect(result).toMatchObject({
      verdict: "ineligible",
      reasons: [{ key: "biopsy", kind: "inclusion", answer: "not_met" }],
    });
  });
});
