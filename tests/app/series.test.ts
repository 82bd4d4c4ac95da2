import { expect, test } from "vitest";
import { conditionStylesOf, seriesOf } from "@/core/figures/series";

const looksOf = (readers: readonly string[]) =>
  [...seriesOf(readers).values()].map(({ colour, shape }) => `${colour} ${shape}`);

test("the readers of the founding study look the same in every study, and no two of them share colour or shape", () => {
  const founding = seriesOf(["R2", "R3", "R4", "R5", "R6"]);
  expect(new Set([...founding.values()].map(({ colour }) => colour)).size).toBe(5);
  expect(new Set([...founding.values()].map(({ shape }) => shape)).size).toBe(5);
  const other = seriesOf(["A", "R1", "R4", "R10"]);
  expect(other.get("R4")).toEqual(founding.get("R4"));
});

test("twenty readers have twenty looks, whatever they are called", () => {
  for (const name of [(i: number) => `R${i}`, (i: number) => `reader ${i}`]) {
    const readers = Array.from({ length: 20 }, (_, i) => name(i + 1));
    expect(new Set(looksOf(readers)).size).toBe(20);
  }
});

test("conditions look different in the order of the protocol, and the only one is filled", () => {
  expect([...conditionStylesOf(["a", "b"])]).toMatchObject([
    ["a", { fill: "hollow" }],
    ["b", { fill: "full" }],
  ]);
  expect(conditionStylesOf(["a"]).get("a")).toEqual({ fill: "full", dash: undefined });
});
