import { describe, expect, it } from "vitest";
import { drawSchedule, occasionOf } from "@/core/reading/schedule";

describe("a reading schedule", () => {
  const items = Array.from({ length: 40 }, (_, i) => `crop-${i}`);

  it("holds every item once, in an order that its seed alone decides", () => {
    const schedule = drawSchedule({ items, seed: 5 });
    expect([...schedule].sort()).toEqual([...items].sort());
    expect(drawSchedule({ items: [...items].reverse(), seed: 5 })).toEqual(schedule);
    expect(drawSchedule({ items, seed: 6 })).not.toEqual(schedule);
  });
});

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
