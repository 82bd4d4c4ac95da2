import { describe, expect, it } from "vitest";
import { callOfRating, choicesOf, isOnScale } from "@/core/reading/rating";

const short = { min: 1, max: 5, step: 1 };
const tens = { min: 0, max: 100, step: 10 };
const free = { min: -1, max: 1 };

describe("a scale of ratings", () => {
  it("has the values of its steps, ends included, or every number between", () => {
    expect([0, 1, 3, 5, 6, 2.5].map((rating) => isOnScale(short, rating))).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect([-1.1, -1, 0.123, 1].map((rating) => isOnScale(free, rating))).toEqual([false, true, true, true]);
    expect(isOnScale({ min: 1, max: 9, step: 2 }, 4)).toBe(false);
    expect(isOnScale(free, Number.NaN)).toBe(false);
  });

  it("is shown value by value where they are ten or fewer", () => {
    expect(choicesOf(short)).toEqual([1, 2, 3, 4, 5]);
    expect(choicesOf({ min: 1, max: 10, step: 1 })).toHaveLength(10);
    expect(choicesOf(tens)).toBeNull();
    expect(choicesOf(free)).toBeNull();
  });

  it("makes the call where it names a cut-off, and else leaves it to the reader", () => {
    const cut = { ...short, positiveFrom: 4 };
    expect([3, 4, 5].map((rating) => callOfRating(cut, rating))).toEqual(["negative", "positive", "positive"]);
    expect(callOfRating(short, 5)).toBeNull();
  });
});
