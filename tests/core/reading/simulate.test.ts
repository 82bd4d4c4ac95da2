import { describe, expect, it } from "vitest";
import { drawNode } from "@/core/phantom/node";
import { drawStudy } from "@/core/phantom/study";
import { seedOf } from "@/core/random";
import type { RuleSet } from "@/core/reading/rule-set";
import { simulateRead } from "@/core/reading/simulate";

const ruleSet: RuleSet = {
  key: "esgar-2016",
  title: "",
  source: "",
  sizeHidden: { criteria: 2 },
  sizeShown: [{ below: 5, criteria: 3 }, { upTo: 9, criteria: 2 }, { criteria: 0 }],
};
const nodes = drawStudy({ seed: 1, subjects: 250, nodes: 500, planes: ["axial"], regions: ["mesorectal"] })
  .flatMap((subject) => subject.nodes)
  .map((node) => ({ ...node, features: drawNode({ ...node, plane: "axial" }).features }));
const readAll = (skill: number, sizeShown: boolean) =>
  nodes.map(({ features, shortAxisMm, seed, positive }) => {
    const size = sizeShown ? shortAxisMm : null;
    return { positive, ...simulateRead({ features, shortAxisMm: size, ruleSet, skill, seed: seedOf(seed, skill) }) };
  });
const accuracy = (reads: ReturnType<typeof readAll>) =>
  reads.filter(({ call, positive }) => (call === "positive") === positive).length / reads.length;

describe("the simulated reader", () => {
  it("is right about as often as the readers of the founding study, with or without the size", () => {
    for (const skill of [0.45, 0.55]) {
      for (const sizeShown of [false, true]) {
        expect(accuracy(readAll(skill, sizeShown))).toBeGreaterThan(0.58);
        expect(accuracy(readAll(skill, sizeShown))).toBeLessThan(0.77);
      }
    }
  });

  it("is better with more skill", () => {
    expect(accuracy(readAll(0.9, false))).toBeGreaterThan(accuracy(readAll(0.3, false)) + 0.1);
  });

  it("gives a reason exactly when it overrides the rule, a confidence of 0 to 100 and a time", () => {
    const reads = readAll(0.5, true);
    for (const { call, proposed, overrideReason, confidence, activeMs } of reads) {
      expect(overrideReason !== null).toBe(call !== proposed);
      expect(Number.isInteger(confidence) && confidence >= 0 && confidence <= 100).toBe(true);
      expect(Number.isInteger(activeMs) && activeMs > 0).toBe(true);
    }
    expect(reads.some(({ overrideReason }) => overrideReason !== null)).toBe(true);
  });

  it("repeats with its seed", () => {
    expect(readAll(0.5, true)).toEqual(readAll(0.5, true));
  });
});
