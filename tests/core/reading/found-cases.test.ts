import { describe, expect, test } from "vitest";
import { type CaseQuestion, foundCases, heededQuestion, wrongCalls } from "@/core/reading/found-cases";

const parties = ["R2", "R10"].flatMap((reader) => ["without", "with"].map((condition) => ({ reader, condition })));
const image = (cropId: string, calls: (0 | 1 | null)[], score: number | null) => ({
  cropId,
  network: score === null ? null : { score, isPositive: score >= 0.5 },
  calls,
});
const node = (id: string, result: "positive" | "negative" | "not_found", ...images: ReturnType<typeof image>[]) => ({
  id,
  result,
  images,
});
const all: CaseQuestion = { show: "all", reader: null, condition: null, network: "any", sort: "study" };

// Calls of R2 without, R2 with, R10 without, R10 with.
const nodes = [
  node("found-by-the-network", "positive", image("a", [0, 1, 1, 1], 0.9), image("b", [1, 1, 1, 1], 0.2)),
  node("missed-by-all", "positive", image("c", [0, 0, 0, 0], 0.3)),
  node("overcalled", "negative", image("d", [0, 0, 1, 1], 0.1)),
  node("not-found", "not_found", image("e", [1, 1, 0, null], 0.8)),
  node("unread", "negative", image("f", [null, null, null, null], null)),
];
const heeded = (asked: Partial<CaseQuestion>, isScored = true) =>
  heededQuestion({ ...all, ...asked }, { parties, isScored });
const answers = (asked: Partial<CaseQuestion>, isScored?: boolean) =>
  foundCases(nodes, heeded(asked, isScored), parties).map(({ node, images }) => [
    node.id,
    images.map(({ cropId }) => cropId),
  ]);

describe("cases that somebody looks for", () => {
  test("a reader's false negatives which the network got right, image by image", () => {
    expect(answers({ show: "missed", reader: "R2" })).toEqual([
      ["found-by-the-network", ["a"]],
      ["missed-by-all", ["c"]],
    ]);
    expect(answers({ show: "missed", reader: "R2", network: "right" })).toEqual([["found-by-the-network", ["a"]]]);
    expect(answers({ show: "missed", reader: "R2", condition: "with", network: "right" })).toEqual([]);
    expect(answers({ show: "missed", reader: "R10", network: "right" })).toEqual([]);
  });

  test("false positives, of no node without a truth", () => {
    expect(answers({ show: "overcalled" })).toEqual([["overcalled", ["d"]]]);
  });

  test("readers disagree within a condition; a reader changes between conditions", () => {
    expect(answers({ show: "disagreement", condition: "with" }).map(([id]) => id)).toEqual(["overcalled"]);
    expect(answers({ show: "disagreement" }).map(([id]) => id)).toEqual([
      "found-by-the-network",
      "overcalled",
      "not-found",
    ]);
    expect(answers({ show: "changed" })).toEqual([["found-by-the-network", ["a"]]]);
    expect(answers({ show: "changed", reader: "R10" })).toEqual([]);
  });

  test("the largest score error, or the most wrong calls, stand first; what has neither stands last", () => {
    expect(answers({ sort: "error" }).map(([id]) => id)).toEqual([
      "found-by-the-network",
      "missed-by-all",
      "overcalled",
      "not-found",
      "unread",
    ]);
    expect(answers({ sort: "wrong" })[0]).toEqual(["missed-by-all", ["c"]]);
    expect(nodes.map(wrongCalls)).toEqual([1, 4, 2, 0, 0]);
  });

  test("a reader or a condition that the question does not turn on hides no case", () => {
    // As they are left over when somebody goes from one question to the next.
    expect(heeded({ show: "disagreement", reader: "R2", condition: "with" })).toEqual({
      ...all,
      show: "disagreement",
      condition: "with",
    });
    expect(answers({ show: "disagreement", reader: "R2", condition: "with" }).map(([id]) => id)).toEqual([
      "overcalled",
    ]);
    expect(heeded({ show: "changed", reader: "R2", condition: "with" })).toEqual({
      ...all,
      show: "changed",
      reader: "R2",
    });
    expect(answers({ show: "changed", condition: "with" })).toEqual([["found-by-the-network", ["a"]]]);
    expect(heeded({ reader: "R2", condition: "with" })).toEqual(all);
  });

  test("what the study has not is not asked for: readers, conditions, and scores", () => {
    expect(heeded({ show: "missed", reader: "R9", condition: "elsewhere" })).toEqual({ ...all, show: "missed" });
    expect(heeded({ network: "wrong", sort: "error" }, false)).toEqual(all);
    expect(answers({ network: "wrong" }, false)).toHaveLength(nodes.length);
    expect(heeded({ sort: "wrong" }, false), "control: calls are there").toEqual({ ...all, sort: "wrong" });
  });
});
