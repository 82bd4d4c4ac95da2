import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assessEligibility, type Criterion, type CriterionAnswer } from "@/core/eligibility/assess";
import { evaluate, type Values } from "@/core/eligibility/evaluate";
import { parseExpression } from "@/core/protocol/expression";

const answer = (text: string, values: Values) => evaluate(parseExpression(text), values).answer;

describe("a comparison", () => {
  it.each<[string, Values, CriterionAnswer]>([
    ["short_axis_mm >= 3", { short_axis_mm: 3 }, "met"],
    ["short_axis_mm >= 3", { short_axis_mm: 2.9 }, "not_met"],
    ["short_axis_mm >= 3", {}, "unknown"],
    ["short_axis_mm >= 3", { short_axis_mm: null }, "unknown"],
    ["short_axis_mm >= 0", { short_axis_mm: 0 }, "met"],
    ["surgery_date - mri_date <= 14 days", { surgery_date: "2026-03-15", mri_date: "2026-03-01" }, "met"],
    ["surgery_date - mri_date <= 14 days", { surgery_date: "2026-03-16", mri_date: "2026-03-01" }, "not_met"],
    // Over the end of winter time, a leap day and a turn of the year a day is a day.
    ["surgery_date - mri_date = 2 days", { surgery_date: "2026-03-30", mri_date: "2026-03-28" }, "met"],
    ["surgery_date - mri_date = 2 days", { surgery_date: "2024-03-01", mri_date: "2024-02-28" }, "met"],
    ["surgery_date - mri_date = -1 days", { surgery_date: "2025-12-31", mri_date: "2026-01-01" }, "met"],
    ["surgery_date - mri_date <= 14 days", { surgery_date: "2026-03-15" }, "unknown"],
    ["mri_date >= 2026-01-10", { mri_date: "2026-01-09" }, "not_met"],
    ['sex = "female"', { sex: "female" }, "met"],
    ['sex != "female"', { sex: "female" }, "not_met"],
  ])("%s of %j is %s", (text, values, expected) => {
    expect(answer(text, values)).toBe(expected);
  });

  it("refuses a value that is not of its type, rather than comparing it somehow", () => {
    expect(() => answer("age_years >= 9", { age_years: "10" })).toThrow(RangeError);
    expect(() => answer("surgery_date - mri_date <= 1 days", { surgery_date: "soon", mri_date: "2026-01-01" })).toThrow(
      'The record has "soon" as the date surgery_date.',
    );
  });

  it("names the values that it used, and the days between two dates", () => {
    const { used } = evaluate(parseExpression('surgery_date - mri_date <= 14 days and sex = "male"'), {
      surgery_date: "2026-03-15",
      mri_date: "2026-03-01",
      age_years: 60,
    });
    expect(used).toEqual([
      { what: "surgery_date", value: "2026-03-15" },
      { what: "mri_date", value: "2026-03-01" },
      { what: "surgery_date - mri_date", value: 14 },
      { what: "sex", value: null },
    ]);
  });
});

describe("and, or and not with what is not known", () => {
  const says: Record<CriterionAnswer, number | null> = { met: 1, not_met: 0, unknown: null };
  const all = ["met", "unknown", "not_met"] as const;

  // Kleene's strong three-valued logic, rows a, columns b, each met, unknown, not met.
  const tables = {
    and: [
      ["met", "unknown", "not_met"],
      ["unknown", "unknown", "not_met"],
      ["not_met", "not_met", "not_met"],
    ],
    or: [
      ["met", "met", "met"],
      ["met", "unknown", "unknown"],
      ["met", "unknown", "not_met"],
    ],
  } as const;
  for (const word of ["and", "or"] as const)
    it(`follow the table of ${word}`, () => {
      const found = all.map((a) => all.map((b) => answer(`a = 1 ${word} b = 1`, { a: says[a], b: says[b] })));
      expect(found).toEqual(tables[word]);
    });

  it("not turns what is known", () => {
    expect(all.map((a) => answer("not a = 1", { a: says[a] }))).toEqual(["not_met", "unknown", "met"]);
  });

  it("a known answer never turns when a missing value comes", () => {
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom("a", "b", "c").map((name) => `${name} = 1`),
        tie("expression").map((inner) => `not (${inner})`),
        fc
          .tuple(tie("expression"), fc.constantFrom("and", "or"), tie("expression"))
          .map(([left, word, right]) => `(${left}) ${word} (${right})`),
      ),
    }));
    const value = fc.constantFrom(0, 1);
    fc.assert(
      fc.property(expression, value, value, value, fc.constantFrom("a", "b", "c"), (text, a, b, c, missing) => {
        const values = { a, b, c };
        const before = answer(text, { ...values, [missing]: null });
        if (before !== "unknown") expect(answer(text, values)).toBe(before);
        expect(answer(text, values)).not.toBe("unknown");
        expect(answer(`not (${text})`, values)).toBe(answer(text, values) === "met" ? "not_met" : "met");
      }),
    );
  });
});

describe("a screening with a computed criterion", () => {
  const criteria: Criterion[] = [
    { key: "biopsy", kind: "inclusion", text: "Proven by biopsy" },
    { key: "large", kind: "inclusion", text: "At least 3 mm", computed: "short_axis_mm >= 3" },
  ];
  const biopsy = { biopsy: "met" } as const;

  it("is decided by the record, with the value beside the answer", () => {
    const { verdict, answered } = assessEligibility({ criteria, answers: biopsy, values: { short_axis_mm: 4 } });
    expect(verdict).toBe("eligible");
    expect(answered[1]).toEqual({
      key: "large",
      kind: "inclusion",
      answer: "met",
      computed: { answer: "met", used: [{ what: "short_axis_mm", value: 4 }] },
      overrideReason: null,
    });
    expect(answered[0]?.computed).toBeNull();
    expect(assessEligibility({ criteria, answers: biopsy, values: { short_axis_mm: 2 } }).verdict).toBe("ineligible");
  });

  it("takes a person's answer where the record does not know, and is undecided without one", () => {
    expect(assessEligibility({ criteria, answers: { ...biopsy, large: "met" } }).verdict).toBe("eligible");
    expect(assessEligibility({ criteria, answers: biopsy }).verdict).toBe("undecided");
    const known = { criteria, answers: { ...biopsy, large: "unknown" as const }, values: { short_axis_mm: 4 } };
    expect(assessEligibility(known).verdict).toBe("eligible");
  });

  it("takes a person's answer against the record with a reason only", () => {
    const against = { criteria, answers: { ...biopsy, large: "met" as const }, values: { short_axis_mm: 2 } };
    expect(() => assessEligibility(against)).toThrow('Criterion "large" is not_met by the record and answered met');
    expect(() => assessEligibility({ ...against, overrides: { large: "  " } })).toThrow("give the reason");
    const { verdict, answered } = assessEligibility({ ...against, overrides: { large: "measured again at surgery" } });
    expect(verdict).toBe("eligible");
    expect(answered[1]).toMatchObject({ answer: "met", overrideReason: "measured again at surgery" });
    expect(answered[1]?.computed?.answer).toBe("not_met");
  });
});
