import { describe, expect, test } from "vitest";
import { found, question, wrongCalls } from "@/app/studies/[study]/analysis/cases/questions";
import type { ExploredImage, ExploredNode } from "@/server/schemas/cases";

const parties = ["R2", "R10"].flatMap((reader) => ["without", "with"].map((condition) => ({ reader, condition })));
const image = (cropId: string, calls: ExploredImage["calls"], score: number | null): ExploredImage => ({
  cropId,
  plane: "Axial",
  sha256: cropId,
  network: score === null ? null : { score, isPositive: score >= 0.5 },
  overlays: [],
  calls,
  confidences: calls.map(() => null),
});
const node = (id: string, result: ExploredNode["result"], ...images: ExploredImage[]): ExploredNode => ({
  id,
  subject: id,
  label: "N1",
  region: null,
  shortAxisMm: null,
  result,
  images,
});

// Calls of R2 without, R2 with, R10 without, R10 with.
const nodes = [
  node("found-by-the-network", "positive", image("a", [0, 1, 1, 1], 0.9), image("b", [1, 1, 1, 1], 0.2)),
  node("missed-by-all", "positive", image("c", [0, 0, 0, 0], 0.3)),
  node("overcalled", "negative", image("d", [0, 0, 1, 1], 0.1)),
  node("not-found", "not_found", image("e", [1, 1, 0, null], 0.8)),
  node("unread", "negative", image("f", [null, null, null, null], null)),
];
const answers = (asked: Record<string, string>) =>
  found({ nodes, parties }, question.parse(asked)).map(({ node, images }) => [
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

  test("an address that asks for what there is not asks for all", () => {
    expect(question.parse({ show: "nonsense", sort: ["error"], reader: ["R2", "R3"] })).toEqual(question.parse({}));
  });
});
