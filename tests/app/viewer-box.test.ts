import { expect, test } from "vitest";
import { isUnusual } from "@/app/_viewer/box";

test("a crop is told to be unusual where a side is smaller or larger than those of the founding study, whichever way it lies", () => {
  const usual = [
    [20, 21],
    [21, 20],
    [102, 111],
    [111, 102],
    [60, 60],
  ].map(([width = 0, height = 0]) => isUnusual({ width, height }));
  const unusual = [
    [19, 40],
    [20, 20],
    [40, 19],
    [103, 111],
    [112, 90],
  ].map(([width = 0, height = 0]) => isUnusual({ width, height }));
  expect([...new Set(usual), ...new Set(unusual)]).toEqual([false, true]);
});
