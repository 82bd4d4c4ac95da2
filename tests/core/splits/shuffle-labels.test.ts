import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { type LabelledItem, shuffleLabels } from "@/core/splits/shuffle-labels";

/** Patients given as the truths of their nodes; every node has one to three images. */
const study = fc
  .array(fc.array(fc.constantFrom<0 | 1>(0, 1), { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 30 })
  .map(itemsOf)
  .filter((items) => new Set(items.map(({ truth }) => truth)).size === 2);

function itemsOf(patients: readonly (readonly (0 | 1)[])[]): LabelledItem[] {
  return patients.flatMap((nodes, p) =>
    nodes.flatMap((truth, n) =>
      Array.from({ length: 1 + ((p + n) % 3) }, (_, i) => ({
        id: `${p}-${n}-${i}`,
        subject: `p${p}`,
        node: `n${n}`,
        truth,
      })),
    ),
  );
}

/** The labels of each patient's nodes, in order of nodes. */
function blocks(items: readonly LabelledItem[], truthOf: (item: LabelledItem) => 0 | 1 | undefined) {
  const found = new Map<string, Map<string, 0 | 1 | undefined>>();
  for (const item of items) {
    const nodes = found.get(item.subject) ?? new Map();
    found.set(item.subject, nodes.set(item.node, truthOf(item)));
  }
  return [...found.values()].map((nodes) => [...nodes.values()].join(""));
}

describe("the label-shuffle control", () => {
  it("keeps one label a node and the number of positive nodes", () => {
    fc.assert(
      fc.property(study, fc.integer(), (items, seed) => {
        const labels = shuffleLabels(items, seed);
        expect([...labels.keys()]).toEqual(items.map(({ id }) => id));
        for (const { id, subject, node } of items)
          expect(labels.get(id)).toBe(
            labels.get(items.find((other) => other.subject === subject && other.node === node)?.id ?? ""),
          );
        const positive = (patients: string[]) => patients.join("").replaceAll("0", "").length;
        expect(positive(blocks(items, ({ id }) => labels.get(id)))).toBe(positive(blocks(items, ({ truth }) => truth)));
      }),
    );
  });

  it("does not depend on the order of the items", () => {
    fc.assert(
      fc.property(study, fc.integer(), (items, seed) => {
        const labels = shuffleLabels(items, seed);
        const again = shuffleLabels([...items].reverse(), seed);
        expect(items.map(({ id }) => again.get(id))).toEqual(items.map(({ id }) => labels.get(id)));
      }),
    );
  });

  it("moves the labels of a patient as a block where five or more have as many nodes", () => {
    const random = seededRandom(3);
    const items = itemsOf(
      Array.from({ length: 60 }, (_, p) => Array.from({ length: 1 + (p % 4) }, () => (random() < 0.5 ? 1 : 0))),
    );
    const labels = shuffleLabels(items, 8);
    const before = blocks(items, ({ truth }) => truth);
    const after = blocks(items, ({ id }) => labels.get(id));
    expect([...after].sort()).toEqual([...before].sort());
    expect(after).not.toEqual(before);
    expect(after.map((block) => block.length)).toEqual(before.map((block) => block.length));
  });

  it("moves the labels of a patient who alone has so many nodes, too", () => {
    const items = itemsOf([[1, 1, 1, 1, 1, 1], ...Array.from({ length: 12 }, (): (0 | 1)[] => [0, 0])]);
    const kept = Array.from({ length: 1_300 }, (_, seed) => shuffleLabels(items, seed)).filter(
      (labels) => blocks(items, ({ id }) => labels.get(id))[0] === "111111",
    );
    // One of 13 patients: 100 expected, standard deviation 9.6.
    expect(Math.abs(kept.length - 100)).toBeLessThan(40);
  });

  it("leaves nothing of the truth: agreement is that of chance", () => {
    const items = itemsOf(Array.from({ length: 40 }, (_, p): (0 | 1)[] => (p % 2 === 0 ? [1, 1] : [0, 0])));
    const agreement = Array.from({ length: 200 }, (_, seed) => {
      const labels = shuffleLabels(items, seed);
      return items.filter(({ id, truth }) => labels.get(id) === truth).length / items.length;
    });
    // Half are positive: 0.5, with a standard error of about 0.08 / sqrt(200) = 0.006.
    expect(agreement.reduce((sum, share) => sum + share, 0) / 200).toBeCloseTo(0.5, 1);
  });

  it("is refused for one patient, one class, or a node of two truths, and given otherwise", () => {
    const node = (subject: string, node: string, truth: 0 | 1, id: string): LabelledItem => ({
      id,
      subject,
      node,
      truth,
    });
    const items = [node("A", "n1", 1, "1"), node("B", "n1", 0, "2")];
    expect(() => shuffleLabels(items, 1)).not.toThrow();
    expect(() => shuffleLabels([node("A", "n1", 1, "1"), node("A", "n2", 0, "2")], 1)).toThrow("there is only one");
    expect(() => shuffleLabels(items.slice(0, 1), 1)).toThrow("no negative image");
    expect(() => shuffleLabels([...items, node("B", "n1", 1, "3")], 1)).toThrow("node n1 of B");
  });
});
