import { describe, expect, it } from "vitest";
import { ratingOfKey } from "@/app/studies/[study]/reading/case/rating-field";

const short = { min: 1, max: 5, step: 1 };
const tens = { min: 0, max: 100, step: 10 };
const free = { min: -1, max: 1 };

describe("a key", () => {
  const ends = { low: "benign", high: "malignant" };
  const press = (key: string, scale: typeof short | typeof free, rating: number | null = null) =>
    ratingOfKey(key, { ...scale, ...ends }, rating);

  it("sets the rating of its digit on a short scale, 0 being ten where that is a value and 0 is none", () => {
    expect(["1", "5", "6", "0", "x"].map((key) => press(key, short))).toEqual([1, 5, undefined, undefined, undefined]);
    expect(press("0", { min: 1, max: 10, step: 1 })).toBe(10);
    expect(press("0", { min: 0, max: 9, step: 1 })).toBe(0);
    expect(press("5", tens)).toBeUndefined();
  });

  it("moves the rating by a step, from the middle on, and never over an end", () => {
    expect(press("ArrowUp", short)).toBe(3);
    expect(press("ArrowUp", short, 3)).toBe(4);
    expect(press("ArrowUp", short, 5)).toBe(5);
    expect(press("ArrowDown", tens, 0)).toBe(0);
    expect(press("ArrowDown", tens, 30)).toBe(20);
    expect(press("ArrowUp", free, 0)).toBeCloseTo(0.1, 12);
    expect(press("ArrowDown", free)).toBe(0);
  });
});
