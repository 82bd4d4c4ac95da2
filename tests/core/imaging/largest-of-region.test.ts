import { describe, expect, test } from "vitest";
import { type Lesion, offLargestOfRegion } from "@/core/imaging/largest-of-region";

const node = (label: string, shortAxisMm: number | null, changes: Partial<Lesion> = {}): Lesion => ({
  ...{ subject: "001", label, region: "mesorectal", shortAxisMm, excluded: null },
  ...changes,
});
const out = { excluded: "Not separable" };
const told = (...nodes: Lesion[]) =>
  offLargestOfRegion(nodes).map(({ region, kept, larger }) => [
    region,
    kept.map(({ label }) => label),
    larger?.label ?? null,
  ]);

describe("of a protocol that takes the largest node of each region", () => {
  test("one node of a region is as asked, whatever smaller one was taken out, and so is one of each region", () => {
    expect(told(node("N1", 7), node("N2", 5, out), node("N3", 9, { region: "superior rectal artery" }))).toEqual([]);
  });

  test("two nodes of a region of one subject are told, the largest first", () => {
    expect(told(node("N1", 5), node("N2", 7))).toEqual([["mesorectal", ["N2", "N1"], null]]);
    expect(told(node("N1", 5), node("N1", 7, { subject: "002" }))).toEqual([]);
  });

  test("a node is told that is smaller than one that was taken out, and the largest of these", () => {
    expect(told(node("N1", 6, out), node("N2", 5), node("N3", 8, out))).toEqual([["mesorectal", ["N2"], "N3"]]);
    expect(told(node("N1", 5, out), node("N2", 5))).toEqual([]);
  });

  test("what is not measured or has no region is compared with nothing; where all were taken out nothing is told", () => {
    expect(told(node("N1", 6, out), node("N2", null))).toEqual([]);
    expect(told(node("N1", 6, { region: null }), node("N2", 5, { region: null }))).toEqual([]);
    expect(told(node("N1", 6, out), node("N2", null, out))).toEqual([]);
  });
});
