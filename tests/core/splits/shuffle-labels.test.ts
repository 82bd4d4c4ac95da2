import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { assignFolds } from "@/core/splits/folds";
import { type LabelledItem, shuffleLabels } from "@/core/splits/shuffle-labels";
import { auc } from "@/core/stats/roc/auc";

/** Patients given as the truths of their nodes; a node has one to three images unless a number is given. */
function itemsOf(
  patients: readonly (readonly (0 | 1)[])[],
  { images, foldOf = () => 0 }: { images?: number; foldOf?: (patient: number, image: number) => number } = {},
): LabelledItem[] {
  return patients.flatMap((nodes, p) =>
    nodes.flatMap((truth, n) =>
      Array.from({ length: images ?? 1 + ((p + n) % 3) }, (_, i) => ({
        id: `${p}-${n}-${i}`,
        subject: `p${p}`,
        node: `n${n}`,
        truth,
        fold: foldOf(p, n + i),
      })),
    ),
  );
}

/** Split by patient, or by image, into one to six folds. */
const study = fc
  .record({
    patients: fc.array(fc.array(fc.constantFrom<0 | 1>(0, 1), { minLength: 1, maxLength: 5 }), {
      minLength: 2,
      maxLength: 30,
    }),
    folds: fc.integer({ min: 1, max: 6 }),
    isByImage: fc.boolean(),
  })
  .map(({ patients, folds, isByImage }) =>
    itemsOf(patients, { foldOf: (patient, image) => (isByImage ? patient + image : patient) % folds }),
  )
  .filter((items) => new Set(items.map(({ truth }) => truth)).size === 2);

/** 99 patients, 33 of them positive, each with one node of as many images as given, in five folds. */
function inFiveFolds(imagesOf: (patient: number, truth: 0 | 1) => number, unit: "patient" | "image" = "patient") {
  const items = Array.from({ length: 99 }, (_, p) => {
    const truth: 0 | 1 = p % 3 === 0 ? 1 : 0;
    return Array.from({ length: imagesOf(p, truth) }, (_, i) => ({
      id: `${p}-${i}`,
      subject: `p${p}`,
      node: "n",
      truth,
    }));
  }).flat();
  const foldOf = assignFolds({ items, folds: 5, seed: 1, unit });
  return items.map((item) => ({ ...item, fold: foldOf.get(item.id) ?? 0 }));
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

const positives = (patients: readonly string[]) => patients.join("").replaceAll("0", "").length;
const seeds = [...Array(60).keys()];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean AUC of a score under exchanged labels, over seeds. */
const meanAuc = (
  items: readonly LabelledItem[],
  scoreOf: (item: LabelledItem, labelOf: (item: LabelledItem) => 0 | 1) => number,
) =>
  mean(
    seeds.map((seed) => {
      const labels = shuffleLabels(items, seed);
      const labelOf = ({ id }: LabelledItem) => labels.get(id) ?? 0;
      const score = items.map((item) => scoreOf(item, labelOf));
      return auc({ truth: items.map(labelOf), score, direction: "higher" }).auc.estimate ?? Number.NaN;
    }),
  );

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
        expect(positives(blocks(items, ({ id }) => labels.get(id)))).toBe(
          positives(blocks(items, ({ truth }) => truth)),
        );
      }),
    );
  });

  it("does not depend on the order of the items, nor on their ids", () => {
    fc.assert(
      fc.property(study, fc.integer(), (items, seed) => {
        const labels = shuffleLabels(items, seed);
        const again = shuffleLabels([...items].reverse(), seed);
        expect(items.map(({ id }) => again.get(id))).toEqual(items.map(({ id }) => labels.get(id)));
        const renamed = shuffleLabels(
          items.map((item, i) => ({ ...item, id: `x${(i * 7919) % 10_007}` })),
          seed,
        );
        expect([...renamed.values()]).toEqual([...labels.values()]);
      }),
    );
  });

  it("keeps the positive nodes of each fold, and evens out its positive images", () => {
    const items = inFiveFolds((p) => 1 + (p % 4));
    for (const seed of seeds) {
      const labels = shuffleLabels(items, seed);
      expect([...labels.values()]).not.toEqual(items.map(({ truth }) => truth));
      for (const fold of [0, 1, 2, 3, 4]) {
        const own = items.filter((item) => item.fold === fold);
        expect(positives(blocks(own, ({ id }) => labels.get(id)))).toBe(positives(blocks(own, ({ truth }) => truth)));
        // A third of the nodes are positive. One draw of the 50 is off by three images or so.
        expect(Math.abs(own.filter(({ id }) => labels.get(id) === 1).length - own.length / 3)).toBeLessThan(1.5);
      }
    }
  });

  it("gives an AUC near 0.5 to a model that knows nothing but how many positives it was trained on", () => {
    const items = inFiveFolds((p) => 1 + (p % 4));
    const knowsShare = (item: LabelledItem, labelOf: (item: LabelledItem) => 0 | 1) =>
      mean(items.filter(({ fold }) => fold !== item.fold).map(labelOf));
    expect(Math.abs(meanAuc(items, knowsShare) - 0.5)).toBeLessThan(0.02);
    // The same with all patients exchanging among themselves: this is what the folds are for.
    const inOne = items.map((item) => ({ ...item, fold: 0 }));
    const regardless = mean(
      seeds.map((seed) => {
        const labels = shuffleLabels(inOne, seed);
        const labelOf = ({ id }: LabelledItem) => labels.get(id) ?? 0;
        const score = items.map((item) => knowsShare(item, labelOf));
        return auc({ truth: items.map(labelOf), score, direction: "higher" }).auc.estimate ?? Number.NaN;
      }),
    );
    expect(regardless).toBeLessThan(0.45);
  });

  it("gives an AUC of 1 to a model that recognises a node it has seen, in a split by image", () => {
    const items = inFiveFolds(() => 4, "image");
    const recognises = (item: LabelledItem, labelOf: (item: LabelledItem) => 0 | 1) => {
      const sibling = items.find(({ subject, fold }) => subject === item.subject && fold !== item.fold);
      return sibling ? labelOf(sibling) : 0.5;
    };
    expect(meanAuc(items, recognises)).toBeGreaterThan(0.99);
  });

  it("leaves nothing of the truth, also where positive nodes have more images", () => {
    const bySize = inFiveFolds((p, truth) => (truth === 1 ? 2 : 1) + (p % 2));
    const smallFolds = inFiveFolds(() => 2).map((item) => ({ ...item, fold: Number(item.subject.slice(1)) % 33 }));
    // 60 seeds of 99 nodes: standard error about 0.006.
    for (const items of [inFiveFolds(() => 2), bySize, smallFolds])
      expect(Math.abs(meanAuc(items, ({ truth }) => truth) - 0.5)).toBeLessThan(0.03);
  });

  it("lets a patient who alone stands in several folds exchange with the smallest fold", () => {
    const ofSmallest = [1, 2, 3, 4, 5, 6];
    const items = itemsOf(
      Array.from({ length: 25 }, (_, p): (0 | 1)[] => [p === 0 || p > 18 ? 1 : 0]),
      { images: 2, foldOf: (p, image) => (p === 0 ? image : ofSmallest.includes(p) ? 0 : 1) },
    );
    // None of the smallest fold is positive, so the label goes there. Left to itself the patient would keep it.
    const holders = seeds.map((seed) => {
      const labels = shuffleLabels(items, seed);
      return [0, ...ofSmallest].filter((p) => labels.get(`${p}-0-0`) === 1);
    });
    expect(holders.every(({ length }) => length === 1)).toBe(true);
    expect(new Set(holders.flat())).toEqual(new Set(ofSmallest));
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
    const items = itemsOf([[1, 1, 1, 1, 1, 1], ...Array.from({ length: 12 }, (): (0 | 1)[] => [0, 0])], { images: 1 });
    const kept = Array.from({ length: 1_300 }, (_, seed) => shuffleLabels(items, seed)).filter(
      (labels) => blocks(items, ({ id }) => labels.get(id))[0] === "111111",
    );
    // One of 13 patients: 100 expected, standard deviation 9.6.
    expect(Math.abs(kept.length - 100)).toBeLessThan(40);
  });

  it("is refused for one patient, one class, or a node of two truths, and given otherwise", () => {
    const node = (subject: string, node: string, truth: 0 | 1, id: string): LabelledItem => ({
      id,
      subject,
      node,
      truth,
      fold: 0,
    });
    const items = [node("A", "n1", 1, "1"), node("B", "n1", 0, "2")];
    expect(() => shuffleLabels(items, 1)).not.toThrow();
    expect(() => shuffleLabels([node("A", "n1", 1, "1"), node("A", "n2", 0, "2")], 1)).toThrow("there is only one");
    expect(() => shuffleLabels(items.slice(0, 1), 1)).toThrow("no negative image");
    expect(() => shuffleLabels([...items, node("B", "n1", 1, "3")], 1)).toThrow("node n1 of B");
  });
});
