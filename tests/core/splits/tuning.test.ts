import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupsOf, type Link, type SplitItem, type SplitUnit } from "@/core/splits/groups";
import { findLeakage, type Leak } from "@/core/splits/leakage";
import { tuningPart } from "@/core/splits/tuning";
import { SaidError } from "@/core/words/said";

const set = fc
  .array(
    fc.record({
      subject: fc.integer({ min: 0, max: 8 }).map((number) => `p${number}`),
      node: fc.integer({ min: 1, max: 3 }).map((number) => `n${number}`),
      truth: fc.constantFrom<0 | 1>(0, 1),
      duplicateKey: fc.option(
        fc.integer({ min: 0, max: 9 }).map((number) => `h${number}`),
        { nil: undefined, freq: 1 },
      ),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((items) => items.map((item, i): SplitItem => ({ ...item, id: `i${i}` })));
const units = fc.constantFrom<SplitUnit>("patient", "node", "image");
const fractions = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const linksOf = (items: readonly SplitItem[]): Link[] =>
  items.slice(2, 4).map((item, i): Link => [item.id, items[i]?.id ?? ""]);
const holdsBoth = (items: readonly SplitItem[]) => new Set(items.map(({ truth }) => truth)).size === 2;
/** Patients with two images each, every fourth patient positive. */
const patients = (count: number): SplitItem[] =>
  Array.from({ length: 2 * count }, (_, i) => {
    const patient = Math.floor(i / 2);
    return { id: `i${i}`, subject: `p${patient}`, node: "n1", truth: patient % 4 === 0 ? 1 : 0 };
  });
const options = { fraction: 0.2, seed: 5, unit: "patient" } as const;

describe("the tuning part", () => {
  it("leaves both classes on both sides and parts no unit, and is refused only where that is impossible", () => {
    let refused = 0;
    let given = 0;
    fc.assert(
      fc.property(set, units, fractions, fc.integer(), (items, unit, fraction, seed) => {
        const links = linksOf(items);
        const groups = groupsOf(items, unit, links);
        const holding = (truth: 0 | 1) =>
          groups.filter((group) => group.items.some((item) => item.truth === truth)).length;
        const part = () => tuningPart({ items, fraction, seed, unit, links });
        if (holding(0) < 2 || holding(1) < 2) {
          refused++;
          expect(part).toThrow(SaidError);
          return;
        }
        given++;
        const ids = part();
        expect(holdsBoth(items.filter(({ id }) => ids.has(id)))).toBe(true);
        expect(holdsBoth(items.filter(({ id }) => !ids.has(id)))).toBe(true);
        const placed = items.map((item) => ({ ...item, fold: ids.has(item.id) ? 0 : 1 }));
        const implied: Record<SplitUnit, Leak["kind"][]> = {
          patient: [],
          node: ["subject"],
          image: ["subject", "node", "duplicate", "near-duplicate"],
        };
        expect(findLeakage(placed, links).filter(({ kind }) => !implied[unit].includes(kind))).toEqual([]);
      }),
    );
    expect(refused).toBeGreaterThan(0);
    expect(given).toBeGreaterThan(0);
  });

  it("does not depend on the order of items and links", () => {
    fc.assert(
      fc.property(set, units, fractions, fc.integer(), (items, unit, fraction, seed) => {
        const links = linksOf(items);
        const groups = groupsOf(items, unit, links);
        for (const truth of [0, 1])
          fc.pre(groups.filter((group) => group.items.some((item) => item.truth === truth)).length > 1);
        const turned = links.map(([a, b]): Link => [b, a]).reverse();
        const again = tuningPart({ items: [...items].reverse(), fraction, seed, unit, links: turned });
        expect([...again].sort()).toEqual([...tuningPart({ items, fraction, seed, unit, links })].sort());
      }),
    );
  });

  it("takes its share of the patients in each class, another one for another seed", () => {
    const items = patients(100);
    const ids = tuningPart({ items, ...options });
    expect(items.filter(({ id, truth }) => ids.has(id) && truth === 1)).toHaveLength(2 * 5);
    expect(items.filter(({ id, truth }) => ids.has(id) && truth === 0)).toHaveLength(2 * 15);
    expect([...tuningPart({ items, ...options, seed: 6 })].sort()).not.toEqual([...ids].sort());
  });

  it("takes at least one patient of each class, however small the fraction, and leaves one", () => {
    const items = patients(8);
    const truths = (ids: Set<string>) => items.filter(({ id }) => ids.has(id)).map(({ truth }) => truth);
    expect(truths(tuningPart({ items, ...options, fraction: 0.01 })).sort()).toEqual([0, 0, 1, 1]);
    expect(truths(tuningPart({ items, ...options, fraction: 0.99 })).filter((truth) => truth === 1)).toHaveLength(2);
  });

  it("is refused with a way out where one patient holds all of a class, and given where two do", () => {
    expect(() => tuningPart({ items: patients(4), ...options })).toThrow(
      "1 patient with a positive image cannot serve both tuning and training; use fewer folds",
    );
    expect(() => tuningPart({ items: patients(5), ...options })).not.toThrow();
    expect(() => tuningPart({ items: patients(5), ...options, links: [["i0", "i8"]] })).toThrow("1 patient");
  });

  it("is refused for a fraction that is none", () => {
    for (const fraction of [0, 1, -0.1, Number.NaN])
      expect(() => tuningPart({ items: patients(8), ...options, fraction })).toThrow("not between 0 and 1");
  });
});
