import { describe, expect, it } from "vitest";
import { drawSchedule, washOutEnds } from "@/core/reading/schedule";

describe("a reading schedule", () => {
  const items = Array.from({ length: 40 }, (_, i) => `crop-${i}`);

  it("holds every item once, in an order that its seed alone decides", () => {
    const schedule = drawSchedule({ items, seed: 5 });
    expect([...schedule].sort()).toEqual([...items].sort());
    expect(drawSchedule({ items: [...items].reverse(), seed: 5 })).toEqual(schedule);
    expect(drawSchedule({ items, seed: 6 })).not.toEqual(schedule);
  });
});

describe("a wash-out", () => {
  it("ends so many days after the last read; 0 days at once", () => {
    const completedAt = new Date("2026-03-01T10:00:00Z");
    expect(washOutEnds({ completedAt, days: 28 }).toISOString()).toBe("2026-03-29T10:00:00.000Z");
    expect(washOutEnds({ completedAt, days: 0 })).toEqual(completedAt);
  });
});
