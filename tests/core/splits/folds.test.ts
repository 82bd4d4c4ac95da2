import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seedOf } from "@/core/random";
import { assignFolds } from "@/core/splits/folds";
import type { Link, SplitItem, SplitUnit } from "@/core/splits/groups";
import { findLeakage } from "@/core/splits/leakage";
import { SaidError } from "@/core/words/said";

const study = fc
  .array(
    fc.record({
      subject: fc.integer({ min: 0, max: 15 }).map((number) => `p${number}`),
      node: fc.integer({ min: 1, max: 3 }).map((number) => `n${number}`),
      truth: fc.constantFrom<0 | 1>(0, 1),
      duplicateKey: fc.option(
        fc.integer({ min: 0, max: 6 }).map((number) => `h${number}`),
        { nil: undefined, freq: 2 },
      ),
    }),
    { minLength: 20, maxLength: 120 },
  )
  .map((items) => items.map((item, i): SplitItem => ({ ...item, id: `i${i}` })));
const alone = (count: number): SplitItem[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `i${i}`,
    subject: `p${i}`,
    node: "n1",
    truth: i % 4 === 0 ? 1 : 0,
  }));
/** Pairs of places of items, wrapped round. */
const somePairs = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 });
const linksIn = (items: readonly SplitItem[], pairs: readonly (readonly [number, number])[]): Link[] =>
  pairs.map(([a, b]) => [items[a % items.length]?.id ?? "", items[b % items.length]?.id ?? ""]);
const placed = (items: readonly SplitItem[], foldOf: (item: SplitItem) => number) =>
  items.map((item) => ({ ...item, fold: foldOf(item) }));

describe("folds by patient", () => {
  it("never put a patient, or images with the same pixels, on two sides", () => {
    fc.assert(
      fc.property(study, fc.integer(), (items, seed) => {
        fc.pre(new Set(items.map(({ truth }) => truth)).size === 2);
        const folds = tryAssign(items, 2, seed);
        fc.pre(folds !== null);
        expect(findLeakage(placed(items, ({ id }) => folds?.get(id) ?? -1))).toEqual([]);
      }),
    );
  });

  it("which a split by image does: the finder finds it", () => {
    fc.assert(
      fc.property(study, (items) => {
        const first = items[0];
        fc.pre(first !== undefined && items.filter(({ subject }) => subject === first.subject).length > 1);
        const leaks = findLeakage(placed(items, (item) => (item === first ? 0 : 1)));
        expect(leaks).toContainEqual({ kind: "subject", key: first?.subject, folds: [0, 1] });
      }),
    );
  });

  it("keep patients together who are linked only through others", () => {
    const linked: SplitItem[] = [
      { id: "a", subject: "A", node: "n1", truth: 1, duplicateKey: "x" },
      { id: "b1", subject: "B", node: "n1", truth: 0, duplicateKey: "x" },
      { id: "b2", subject: "B", node: "n1", truth: 0, duplicateKey: "y" },
      { id: "c", subject: "C", node: "n1", truth: 0, duplicateKey: "y" },
    ];
    const folds = assignFolds({ items: [...linked, ...alone(6)], folds: 4, seed: 1, unit: "patient" });
    expect(new Set(linked.map(({ id }) => folds.get(id))).size).toBe(1);
    expect(new Set(folds.values()).size).toBe(4);
  });

  it("hold about equally many patients with a positive image", () => {
    const items = alone(100);
    const folds = assignFolds({ items, folds: 5, seed: 9, unit: "patient" });
    for (let fold = 0; fold < 5; fold++) {
      expect(items.filter(({ id, truth }) => truth === 1 && folds.get(id) === fold)).toHaveLength(5);
      expect(items.filter(({ id }) => folds.get(id) === fold)).toHaveLength(20);
    }
  });

  it("depend on the seed and not on the order of the items", () => {
    const items = alone(40);
    const folds = assignFolds({ items, folds: 5, seed: 9, unit: "patient" });
    const sorted = (map: Map<string, number>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(assignFolds({ items: [...items].reverse(), folds: 5, seed: 9, unit: "patient" }))).toEqual(
      sorted(folds),
    );
    expect(sorted(assignFolds({ items, folds: 5, seed: 10, unit: "patient" }))).not.toEqual(sorted(folds));
  });

  it("are those of the first release, so that stored snapshots keep their hash", () => {
    const items = Array.from({ length: 60 }, (_, i): SplitItem => {
      const patient = (7 * i) % 23;
      return {
        id: `i${i}`,
        subject: `p${patient}`,
        node: `n${i % 2}`,
        truth: seedOf("truth", patient) % 3 === 0 ? 1 : 0,
        duplicateKey: i % 29 === 0 ? "d" : undefined,
      };
    });
    const folds = assignFolds({ items, folds: 5, seed: 20211107, unit: "patient" });
    // Written down from the function as it was before units came in.
    expect(items.map(({ id }) => folds.get(id)).join("")).toBe(
      "310414300422334312021213104143004223343120212131041430042233",
    );
  });

  it("are refused for fewer patients than folds, or a single class", () => {
    expect(() => assignFolds({ items: alone(4), folds: 5, seed: 1, unit: "patient" })).toThrow(
      "4 patients cannot fill 5 folds",
    );
    const negatives = alone(8).map((item): SplitItem => ({ ...item, truth: 0 }));
    expect(() => assignFolds({ items: negatives, folds: 2, seed: 1, unit: "patient" })).toThrow("no positive image");
  });
});

describe("folds by node", () => {
  it("keep a node's planes together, apart from other nodes of the patient; equal names in two patients are two nodes", () => {
    const items = Array.from({ length: 60 }, (_, i): SplitItem => {
      const node = Math.floor(i / 3);
      return { id: `i${i}`, subject: `p${node % 2}`, node: `n${Math.floor(node / 2)}`, truth: node % 3 === 0 ? 1 : 0 };
    });
    const folds = assignFolds({ items, folds: 5, seed: 3, unit: "node" });
    const kinds = findLeakage(placed(items, ({ id }) => folds.get(id) ?? -1)).map(({ kind }) => kind);
    expect(kinds).toEqual(["subject", "subject"]);
    for (let fold = 0; fold < 5; fold++) expect([...folds.values()].filter((one) => one === fold)).toHaveLength(12);
  });

  it("are refused for fewer nodes than folds, where images would do", () => {
    const items = alone(12).map((item, i): SplitItem => ({ ...item, subject: "p", node: `n${i % 4}` }));
    expect(() => assignFolds({ items, folds: 5, seed: 1, unit: "node" })).toThrow("4 nodes cannot fill 5 folds");
    expect(new Set(assignFolds({ items, folds: 5, seed: 1, unit: "image" }).values()).size).toBe(5);
  });
});

describe("folds by image", () => {
  it("place every image by itself, evenly in each class, whatever it shares", () => {
    const items = alone(100).map((item): SplitItem => ({ ...item, subject: "p", duplicateKey: "d" }));
    const folds = assignFolds({ items, folds: 5, seed: 9, unit: "image", links: [["i0", "i1"]] });
    for (let fold = 0; fold < 5; fold++) {
      expect(items.filter(({ id, truth }) => truth === 1 && folds.get(id) === fold)).toHaveLength(5);
      expect(items.filter(({ id }) => folds.get(id) === fold)).toHaveLength(20);
    }
  });
});

describe("near-duplicate links", () => {
  it("keep the groups of their images on one side, by patient and by node", () => {
    fc.assert(
      fc.property(
        study,
        somePairs,
        fc.constantFrom<SplitUnit>("patient", "node"),
        fc.integer(),
        (items, pairs, unit, seed) => {
          fc.pre(new Set(items.map(({ truth }) => truth)).size === 2);
          const links = linksIn(items, pairs);
          const folds = tryAssign(items, 2, seed, unit, links);
          fc.pre(folds !== null);
          const leaks = findLeakage(
            placed(items, ({ id }) => folds?.get(id) ?? -1),
            links,
          );
          expect(leaks.filter(({ kind }) => unit === "patient" || kind !== "subject")).toEqual([]);
        },
      ),
    );
  });

  it("are what keeps them: without the link the two patients part", () => {
    const items = alone(12);
    const together = (links: Link[]) => {
      const folds = assignFolds({ items, folds: 4, seed: 2, unit: "patient", links });
      return folds.get("i0") === folds.get("i4");
    };
    expect(together([])).toBe(false);
    expect(together([["i4", "i0"]])).toBe(true);
  });

  it("to an image that is not in the set join nothing", () => {
    const items = alone(8);
    const folds = assignFolds({ items, folds: 4, seed: 2, unit: "patient" });
    const links: Link[] = [
      ["i0", "gone"],
      ["gone", "i4"],
    ];
    expect(assignFolds({ items, folds: 4, seed: 2, unit: "patient", links })).toEqual(folds);
  });
});

describe("every unit", () => {
  it("gives the same folds in any order of items and links", () => {
    fc.assert(
      fc.property(
        study,
        somePairs,
        fc.constantFrom<SplitUnit>("patient", "node", "image"),
        fc.integer(),
        (items, pairs, unit, seed) => {
          fc.pre(new Set(items.map(({ truth }) => truth)).size === 2);
          const links = linksIn(items, pairs);
          const folds = tryAssign(items, 2, seed, unit, links);
          fc.pre(folds !== null);
          const turned = links.map(([a, b]): Link => [b, a]).reverse();
          const again = assignFolds({ items: [...items].reverse(), folds: 2, seed, unit, links: turned });
          expect(items.map(({ id }) => again.get(id))).toEqual(items.map(({ id }) => folds?.get(id)));
        },
      ),
    );
  });
});

/** Null when linked patients leave fewer groups than folds. */
function tryAssign(
  items: readonly SplitItem[],
  folds: number,
  seed: number,
  unit: SplitUnit = "patient",
  links: readonly Link[] = [],
) {
  try {
    return assignFolds({ items, folds, seed, unit, links });
  } catch (error) {
    if (error instanceof SaidError) return null;
    throw error;
  }
}

describe("a fold that holds every image of a class", () => {
  // scikit-learn/scikit-learn#28218: a training side of one class is trained on without a word.
  const study = (positivePatients: readonly string[]): SplitItem[] => [
    ...Array.from({ length: 8 }, (_, i) => ({
      id: `positive${i}`,
      subject: positivePatients[i % positivePatients.length] ?? "",
      node: `n${i}`,
      truth: 1 as const,
    })),
    ...Array.from({ length: 12 }, (_, i) => ({ id: `negative${i}`, subject: `N${i}`, node: "n1", truth: 0 as const })),
  ];
  const assign = (items: readonly SplitItem[], links: readonly Link[] = []) =>
    assignFolds({ items, folds: 5, seed: 1, unit: "patient", links });

  it("is refused with the number of the patient", () => {
    expect(() => assign(study(["P1"]))).toThrow(
      /^all positive images are of one patient \(P1\): the model that scores fold \d would learn from negative images alone/,
    );
    expect(() => assign(study(["P1", "P2"]))).not.toThrow();
  });

  it("is refused with the numbers of patients whom a picture ties together", () => {
    const items = study(["P1", "P2"]);
    const tie: Link = [items[0]?.id ?? "", items[1]?.id ?? ""];
    expect(() => assign(items, [tie])).toThrow(/2 patients of one fold \(P1, P2\)/);
  });

  it("is refused for negative images as well", () => {
    const items = study(["P1"]).map((item): SplitItem => ({ ...item, truth: item.truth === 1 ? 0 : 1 }));
    expect(() => assign(items)).toThrow(
      /^all negative images are of one patient \(P1\): .* from positive images alone/,
    );
  });
});
