import { describe, expect, it } from "vitest";
import { occasionOf } from "@/core/reading/schedule";

describe("a condition that repeats another", () => {
  it("is one time more than that", () => {
    const conditions = [
      { key: "a" },
      { key: "b" },
      { key: "again", repeats: "a" },
      { key: "thrice", repeats: "again" },
    ];
    expect(conditions.map((each) => occasionOf(each, conditions))).toEqual([1, 1, 2, 3]);
  });
});
