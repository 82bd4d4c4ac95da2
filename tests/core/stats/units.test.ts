import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { type ComparedRead, compareReaders } from "@/core/stats/comparison/compare-readers";
import { holmByFamily } from "@/core/stats/comparison/families";
import type { ComparedImage } from "@/core/stats/comparison/opinions";
import type { UnitRule } from "@/core/stats/comparison/units";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";

const random = seededRandom(20);
const truthOf = Array.from({ length: 120 }, () => (random() < 0.4 ? (1 as const) : (0 as const)));
/** Three planes a node, two nodes a patient. */
const images = Array.from({ length: 360 }, (_, i): ComparedImage => {
  const node = Math.floor(i / 3);
  return {
    ...{ id: `i${i}`, node: `n${node}`, subject: `s${Math.floor(node / 2)}`, plane: String(i % 3) },
    truth: truthOf[node] ?? 0,
  };
});
const reads = images.flatMap((image): ComparedRead[] =>
  random() < 0.1
    ? []
    : [
        {
          ...{ reader: "R2", condition: "C1", occasion: 1, image: image.id },
          call: random() < (image.truth ? 0.7 : 0.3) ? 1 : 0,
          confidence: Math.floor(101 * random()),
        },
      ],
);
const scores = images.map(({ id, truth }) => ({
  image: id,
  score: Math.round(100 * (0.6 * random() + 0.4 * truth)) / 100,
}));
const compared = (given: Partial<Parameters<typeof compareReaders>[0]>) =>
  compareReaders({
    ...{ images, reads, scores, threshold: 0.5, conditions: ["C1"], repeats: new Map(), comparisons: ["network"] },
    random: seededRandom(1),
    ...given,
  });

const middle = (values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [
    sorted[Math.floor((sorted.length - 1) / 2)] ?? 0,
    sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0,
  ];
  return (low + high) / 2;
};
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("counted by node", () => {
  it("is what images would be, one a node, with the call and the rating of the rule", () => {
    const combine: Record<UnitRule, (calls: number[], ratings: number[]) => { call: number; rating: number }> = {
      any: (calls, ratings) => ({ call: Math.max(...calls), rating: Math.max(...ratings) }),
      majority: (calls, ratings) => ({ call: Number(mean(calls) >= 0.5), rating: middle(ratings) }),
      mean: (calls, ratings) => ({ call: Number(mean(calls) >= 0.5), rating: mean(ratings) }),
    };
    for (const rule of ["any", "majority", "mean"] as const) {
      const byNode = compared({ unit: "node", rule });
      const nodes = truthOf.map((truth, i) => ({
        id: `n${i}`,
        node: `n${i}`,
        subject: `s${Math.floor(i / 2)}`,
        plane: "",
        truth,
      }));
      const nodeScores = nodes.map(({ id }) => {
        const own = scores.filter((_, i) => images[i]?.node === id).map(({ score }) => score);
        const { call, rating } = combine[rule](
          own.map((score) => Number(score >= 0.5)),
          own,
        );
        const isCalled = rule === "mean" ? rating >= 0.5 : call === 1;
        // A threshold of its own, on the side on which the rule called.
        return { image: id, score: rating, threshold: isCalled ? rating : rating + 1 };
      });
      const nodeReads = nodes.flatMap(({ id }): ComparedRead[] => {
        const own = reads.filter((read) => images.find((image) => image.id === read.image)?.node === id);
        if (own.length === 0) return [];
        const rated = own.map(
          ({ call, confidence }) => (call === 1 ? 50 : -50) + ((call === 1 ? 1 : -1) * (confidence ?? 0)) / 2,
        );
        const { call } = combine[rule](
          own.map((read) => read.call ?? 0),
          rated,
        );
        return [
          { ...{ reader: "R2", condition: "C1", occasion: 1, image: id }, call: call === 1 ? 1 : 0, confidence: null },
        ];
      });
      const alone = compared({ images: nodes, reads: nodeReads, scores: nodeScores });
      for (const [i, row] of byNode.rows.entries()) {
        const { tp, fn, tn, fp, sensitivity, specificity, accuracy } = row;
        expect(row.unit).toBe("node");
        expect({ tp, fn, tn, fp, sensitivity, specificity, accuracy }).toEqual({
          ...{ tp: alone.rows[i]?.tp, fn: alone.rows[i]?.fn, tn: alone.rows[i]?.tn, fp: alone.rows[i]?.fp },
          ...{ sensitivity: alone.rows[i]?.sensitivity, specificity: alone.rows[i]?.specificity },
          accuracy: alone.rows[i]?.accuracy,
        });
      }
      expect(byNode.rows.at(-1)?.auc).toEqual(alone.rows.at(-1)?.auc);
    }
  });

  it("counts a patient once, positive when one node is, and then nothing is clustered", () => {
    const byPatient = compared({ unit: "patient", rule: "any" });
    const positive = new Set(images.flatMap(({ subject, truth }) => (truth === 1 ? [subject] : [])));
    const [row] = byPatient.rows;
    expect(row?.n).toBe(60);
    expect((row?.tp ?? 0) + (row?.fn ?? 0)).toBe(positive.size);
    expect(byPatient.otherClusterings).toEqual([]);
    // One unit a cluster: the binomial variance times G / (G - 1).
    const cases = (row?.tp ?? 0) + (row?.fn ?? 0);
    expectClose(row?.designEffect.sensitivity, cases / (cases - 1), { relative: 1e-12 });
  });

  it("tells the design effect beside the interval of units that count as independent", () => {
    const result = compared({});
    const naive = result.otherClusterings.find(({ level }) => level === "image")?.rows[0];
    const [row] = result.rows;
    expect(row?.sensitivity.estimate).toBe(naive?.sensitivity.estimate);
    const n = (row?.tp ?? 0) + (row?.fn ?? 0);
    expectClose(naive?.designEffect.sensitivity, n / (n - 1), { relative: 1e-12 });
    expect(row?.designEffect.auc).toBeGreaterThan(0);
  });

  it("refuses a node of two patients", () => {
    const [first, ...rest] = images;
    const torn = first ? [{ ...first, subject: "another" }, ...rest] : rest;
    expect(() => compared({ images: torn, unit: "node", rule: "any" })).toThrow("of two patients");
    expect(() => compared({ images: torn })).not.toThrow();
  });
});

describe("Holm's adjustment by family", () => {
  it("takes the kinds of a family together and no others", () => {
    const tests = [
      { kind: "reader", p: 0.02 },
      { kind: "network", p: 0.03 },
      { kind: "network", p: 0.01 },
      { kind: "condition", p: null },
    ];
    // R: p.adjust(c(.02), "holm"); p.adjust(c(.03, .01), "holm"); p.adjust(c(.02, .03, .01), "holm")
    expect(holmByFamily(tests, [["reader"], ["network", "condition"]])).toEqual([0.02, 0.03, 0.02, null]);
    expect(holmByFamily(tests, [["reader", "network", "condition"]])).toEqual([0.04, 0.04, 0.03, null]);
    expect(holmByFamily(tests, [["network"]])[0]).toBeNull();
  });

  it("changes no estimate of a comparison", () => {
    const together = compared({ comparisons: ["network", "reader"] });
    const apart = compared({ comparisons: ["network", "reader"], families: [["network"], ["reader"]] });
    expect(apart.comparisons.map(({ pHolm: _, ...each }) => each)).toEqual(
      together.comparisons.map(({ pHolm: _, ...each }) => each),
    );
    expect(together.rows[0]?.sensitivity.method).toEqual(saying(/clustered by patient/));
  });
});
