import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignFolds, type SplitItem } from "@/core/splits/folds";
import { findLeakage, LeakageError, refuseLeakage } from "@/core/splits/leakage";

const study = fc
  .array(
    fc.record({
      subject: fc.integer({ min: 0, max: 15 }).map((number) => `p${number}`),
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
  Array.from({ length: count }, (_, i) => ({ id: `i${i}`, subject: `p${i}`, truth: i % 4 === 0 ? 1 : 0 }));
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
      { id: "a", subject: "A", truth: 1, duplicateKey: "x" },
      { id: "b1", subject: "B", truth: 0, duplicateKey: "x" },
      { id: "b2", subject: "B", truth: 0, duplicateKey: "y" },
      { id: "c", subject: "C", truth: 0, duplicateKey: "y" },
    ];
    const folds = assignFolds({ items: [...linked, ...alone(6)], folds: 4, seed: 1 });
    expect(new Set(linked.map(({ id }) => folds.get(id))).size).toBe(1);
    expect(new Set(folds.values()).size).toBe(4);
  });

  it("hold about equally many patients with a positive image", () => {
    const items = alone(100);
    const folds = assignFolds({ items, folds: 5, seed: 9 });
    for (let fold = 0; fold < 5; fold++) {
      expect(items.filter(({ id, truth }) => truth === 1 && folds.get(id) === fold)).toHaveLength(5);
      expect(items.filter(({ id }) => folds.get(id) === fold)).toHaveLength(20);
    }
  });

  it("depend on the seed and not on the order of the items", () => {
    const items = alone(40);
    const folds = assignFolds({ items, folds: 5, seed: 9 });
    const sorted = (map: Map<string, number>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(assignFolds({ items: [...items].reverse(), folds: 5, seed: 9 }))).toEqual(sorted(folds));
    expect(sorted(assignFolds({ items, folds: 5, seed: 10 }))).not.toEqual(sorted(folds));
  });

  it("are refused for fewer patients than folds, or a single class", () => {
    expect(() => assignFolds({ items: alone(4), folds: 5, seed: 1 })).toThrow("4 patients cannot fill 5 folds");
    const negatives = alone(8).map((item): SplitItem => ({ ...item, truth: 0 }));
    expect(() => assignFolds({ items: negatives, folds: 2, seed: 1 })).toThrow("no positive image");
  });
});

describe("the leakage gate", () => {
  it("refuses a split that leaks, naming the patient, and passes one that does not", () => {
    const items = [
      { id: "1", subject: "P-007", fold: 0 },
      { id: "2", subject: "P-007", fold: 3 },
    ];
    expect(() => refuseLeakage(items)).toThrow(LeakageError);
    expect(() => refuseLeakage(items)).toThrow("subject P-007 (folds 0, 3)");
    expect(() => refuseLeakage(items.map((item) => ({ ...item, fold: 3 })))).not.toThrow();
  });

  it("refuses identical pixels on two sides though the patients differ", () => {
    const items = [
      { id: "1", subject: "A", duplicateKey: "x", fold: 0 },
      { id: "2", subject: "B", duplicateKey: "x", fold: 1 },
    ];
    expect(() => refuseLeakage(items)).toThrow("duplicate x (folds 0, 1)");
  });
});

/** Null when linked patients leave fewer groups than folds. */
function tryAssign(items: readonly SplitItem[], folds: number, seed: number) {
  try {
    return assignFolds({ items, folds, seed });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
