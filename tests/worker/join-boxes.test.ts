import { expect, test } from "vitest";
import type { Box } from "@/worker/letters/find-lines";
import { joinBoxes } from "@/worker/letters/join-boxes";

const covers = (boxes: readonly Box[], [left, top, width, height]: Box) =>
  boxes.some(([l, t, w, h]) => l <= left && t <= top && l + w >= left + width && t + h >= top + height);

test("what stands in every frame, a pixel more or less, is one box; what lies apart is another", () => {
  const frames = Array.from({ length: 300 }, (_, frame): Box[] => [
    [10 + (frame % 3), 8, 80 + (frame % 5), 14],
    [10, 200 + (frame % 2), 60, 14],
  ]);
  expect(joinBoxes(frames.flat())).toEqual([
    [10, 8, 86, 14],
    [10, 200, 60, 15],
  ]);
  expect(joinBoxes([])).toEqual([]);
});

test("boxes that are joined may reach others, and every one is covered", () => {
  const boxes: Box[] = [
    [0, 0, 10, 10],
    [40, 0, 10, 10],
    [12, 2, 26, 4],
    [100, 100, 5, 5],
  ];
  const joined = joinBoxes(boxes);
  expect(joined).toEqual([
    [0, 0, 50, 10],
    [100, 100, 5, 5],
  ]);
  expect(boxes.every((each) => covers(joined, each))).toBe(true);
});

test("as many as a black-out takes are left apart; of more, the one around all", () => {
  const apart = (count: number) =>
    Array.from({ length: count }, (_, at): Box => [20 * (at % 40), 20 * Math.floor(at / 40), 10, 10]);
  expect(joinBoxes(apart(200))).toHaveLength(200);
  expect(joinBoxes(apart(1500))).toEqual([[0, 0, 790, 750]]);
});
