import { expect, test } from "vitest";
import { contradictionsIn, type JudgedPicture } from "@/core/splits/contradictions";

const item = (id: string, truth: 0 | 1 | undefined, duplicateKey = id): JudgedPicture => ({ id, truth, duplicateKey });

test("identical pixels with opposite truths are paired with the first of the group; equal and unknown truths are none", () => {
  const items = [item("a", 1, "x"), item("b", 1, "x"), item("c", 0, "x"), item("d", undefined, "x"), item("e", 0, "y")];
  expect(contradictionsIn(items, [])).toEqual([{ first: "a", second: "c", identical: true }]);
});

test("near-duplicates count pair by pair in the order of the items, unless they are identical or one is not there", () => {
  const items = [item("a", 1), item("b", 0), item("c", 0), item("d", 1, "c")];
  expect(
    contradictionsIn(items, [
      ["b", "a"],
      ["b", "c"],
      ["c", "d"],
      ["a", "gone"],
    ]),
  ).toEqual([
    { first: "c", second: "d", identical: true },
    { first: "a", second: "b", identical: false },
  ]);
});
