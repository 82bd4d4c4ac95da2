import { describe, expect, it } from "vitest";
import { holm } from "@/core/stats/holm";
import { expectClose, readCases } from "./oracle";

describe("Holm's adjustment", () => {
  const cases = readCases<{ id: string; input: { p: number[] }; expected: { holm: number[] } }>("p_adjust");
  it.each(cases.map((each) => [each.id, each] as const))("agrees with R: %s", (_, { input, expected }) => {
    const adjusted = holm(input.p);
    expect(adjusted).toHaveLength(expected.holm.length);
    for (const [i, value] of adjusted.entries()) expectClose(value, expected.holm[i] ?? null);
  });

  it("leaves a comparison without a test out of the family", () => {
    expect(holm([0.01, null, 0.04])).toEqual([0.02, null, 0.04]);
  });

  it("refuses what is not a probability", () => {
    expect(() => holm([0.2, 1.2])).toThrow("p[1] is 1.2");
  });
});
