import { describe, expect, it } from "vitest";
import type { Criterion } from "@/core/eligibility/assess";
import { changedSince, type Evaluation } from "@/core/eligibility/changes";
import { namesIn } from "@/core/eligibility/names";

const criteria: Criterion[] = [
  { key: "biopsy", kind: "inclusion", text: "Biopsy" },
  { key: "large", kind: "inclusion", text: "At least 3 mm", computed: "short_axis_mm >= 3" },
];
const then = (answer: Evaluation["answer"], overrideReason: string | null = null): Evaluation[] => [
  { key: "large", answer, used: [], overrideReason },
];

describe("the record has moved away from an assessment", () => {
  it("where it said met and says not met now", () => {
    const options = { criteria, answers: {}, evaluations: then("met") };
    expect(changedSince({ ...options, values: { short_axis_mm: 2 } })).toEqual([
      { key: "large", counted: "met", now: "not_met", used: [{ what: "short_axis_mm", value: 2 }] },
    ]);
    expect(changedSince({ ...options, values: { short_axis_mm: 4 } })).toEqual([]);
  });

  it("where a person answered what the record did not know, and it contradicts now; not where it confirms", () => {
    const options = { criteria, answers: { large: "met" } as const, evaluations: then("unknown") };
    expect(changedSince({ ...options, values: { short_axis_mm: 2 } })).toMatchObject([
      { counted: "met", now: "not_met" },
    ]);
    expect(changedSince({ ...options, values: { short_axis_mm: 3 } })).toEqual([]);
    expect(changedSince({ ...options, values: {} })).toEqual([]);
  });

  it("where what it said is withdrawn", () => {
    expect(changedSince({ criteria, answers: {}, evaluations: then("met"), values: {} })).toMatchObject([
      { counted: "met", now: "unknown" },
    ]);
  });

  it("not where a person answered against it with a reason and it still says the same, or gives in", () => {
    const options = { criteria, answers: { large: "met" } as const, evaluations: then("not_met", "seen at surgery") };
    expect(changedSince({ ...options, values: { short_axis_mm: 2 } })).toEqual([]);
    expect(changedSince({ ...options, values: { short_axis_mm: 4 } })).toEqual([]);
  });
});

it("knows every name that the criteria ask for, also behind an or that is decided", () => {
  const [biopsy] = criteria;
  const either = {
    key: "e",
    kind: "inclusion",
    text: "E",
    computed: 'sex = "female" or surgery_date - mri_date <= 14 days',
  } as const;
  expect(biopsy && [...namesIn([biopsy])]).toEqual([]);
  expect([...namesIn([either])]).toEqual(["sex", "surgery_date", "mri_date", "surgery_date - mri_date"]);
});
