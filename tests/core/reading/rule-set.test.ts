import { describe, expect, it } from "vitest";
import { proposeCall, type RuleSet } from "@/core/reading/rule-set";

const bands = [
  { below: 5, criteria: 3 },
  { upTo: 9, criteria: 2 },
];
const esgar: RuleSet = {
  key: "esgar-2016",
  title: "Over 9 mm every node is suspicious",
  source: "ESGAR 2016",
  sizeHidden: { criteria: 2 },
  sizeShown: [...bands, { criteria: 0 }],
};
const printed: RuleSet = { ...esgar, key: "as-printed", sizeShown: [...bands, { criteria: 3 }] };
const call = (ruleSet: RuleSet, present: number, shortAxisMm: number | null) =>
  proposeCall({ ruleSet, present, shortAxisMm }).call;

describe("the founding study's rule", () => {
  it("needs two criteria when the size is hidden", () => {
    expect(call(esgar, 1, null)).toBe("negative");
    expect(call(esgar, 2, null)).toBe("positive");
  });

  it("needs three under 5 mm, and two from 5 to 9 mm inclusive", () => {
    expect(call(esgar, 2, 4.9)).toBe("negative");
    expect(call(esgar, 3, 4.9)).toBe("positive");
    expect(call(esgar, 2, 5)).toBe("positive");
    expect(call(esgar, 2, 9)).toBe("positive");
    expect(call(esgar, 1, 9)).toBe("negative");
  });

  it("can be read in two ways over 9 mm: always positive, or all three needed", () => {
    expect(call(esgar, 0, 9.1)).toBe("positive");
    expect(call(printed, 2, 9.1)).toBe("negative");
    expect(call(printed, 3, 9.1)).toBe("positive");
  });

  it("names the band it used", () => {
    const band = (shortAxisMm: number | null) => proposeCall({ ruleSet: esgar, present: 2, shortAxisMm }).band;
    expect([band(null), band(3), band(5), band(12)]).toEqual(["size hidden", "under 5 mm", "5 to 9 mm", "over 9 mm"]);
    expect(proposeCall({ ruleSet: esgar, present: 2, shortAxisMm: 4 })).toMatchObject({ needed: 3, present: 2 });
  });

  it("refuses a rule set without a band for the size", () => {
    expect(() => call({ ...esgar, sizeShown: bands }, 2, 12)).toThrow('"esgar-2016" has no band for 12 mm');
  });
});
