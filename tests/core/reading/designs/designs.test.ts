import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Design, type DesignCase, type DrawnList, designs } from "@/core/reading/designs/design";
import { drawDesign } from "@/core/reading/designs/draw-design";
import { effectsOf } from "@/core/reading/designs/effects";
import { adjacent, keptApart, seededOrder } from "@/core/reading/designs/order";
import { groupsOf, splitPlot } from "@/core/reading/designs/split-plot";

/** A drawing costs more than a number. */
const few = { numRuns: 40 };

/** Patients of some nodes, each of some images. */
const patients = fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }), {
  minLength: 3,
  maxLength: 8,
});
const casesOf = (sizes: readonly (readonly number[])[], name = "p"): DesignCase[] =>
  sizes.flatMap((nodes, p) =>
    nodes.flatMap((images, n) =>
      Array.from({ length: images }, (_, i) => ({
        id: `${name}${p}.${n}.${i}`,
        node: `${name}${p}.${n}`,
        patient: `${name}${p}`,
      })),
    ),
  );
const study = fc.record({
  sizes: patients,
  readers: fc.integer({ min: 2, max: 7 }).map((count) => Array.from({ length: count }, (_, i) => `R${i + 1}`)),
  conditions: fc.integer({ min: 1, max: 3 }).map((count) => ["a", "b", "c"].slice(0, count)),
  seed: fc.string(),
  division: fc.record({ blockSize: fc.integer({ min: 3, max: 12 }), groups: fc.constant(2) }),
});
const ids = (lists: readonly DrawnList[]) => lists.flatMap(({ cases }) => cases.map(({ id }) => id));
const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts);
const mostOf = (cases: readonly DesignCase[]) =>
  Math.max(0, ...cases.map((one) => cases.filter(({ node }) => node === one.node).length));

describe("an order in which images of one node are kept apart", () => {
  it("has as few that follow each other as can be: none, unless a node has more than all others and one", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 25 }), (nodes) => {
        const cases = nodes.map((node, id) => ({ id, node }));
        const apart = keptApart(cases);
        expect(apart.toSorted((a, b) => a.id - b.id)).toEqual(cases);
        const most = Math.max(0, ...nodes.map((node) => nodes.filter((each) => each === node).length));
        expect(adjacent(apart)).toBe(Math.max(0, 2 * most - nodes.length - 1));
      }),
      few,
    );
  });

  it("is the order of before where none followed each other", () => {
    const cases = ["a", "b", "a", "c"].map((node, id) => ({ id, node }));
    expect(keptApart(cases)).toEqual(cases);
    expect(keptApart([])).toEqual([]);
  });
});

describe.each(designs)("%s", (design: Design) => {
  it("reads what it promises once in each condition, the same for the same seed, and nothing of a node twice in a row", () => {
    fc.assert(
      fc.property(study, ({ sizes, readers, conditions, seed, division }) => {
        const cases = casesOf(sizes);
        const lists = drawDesign(design, { readers, cases, conditions, seed }, division);
        const turned = { readers, cases: cases.toReversed(), conditions, seed };
        expect(drawDesign(design, turned, division)).toEqual(lists);
        const groups = design === "split-plot" ? groupsOf(readers, division.groups) : [readers];
        const parts = groups.map((group) => {
          const [first = [], ...others] = group.flatMap((reader) =>
            conditions.map((condition) =>
              ids(lists.filter((list) => list.reader === reader && list.condition === condition)).toSorted(),
            ),
          );
          for (const other of others) expect(other).toEqual(first);
          return first;
        });
        expect(parts.flat().toSorted()).toEqual(cases.map(({ id }) => id).toSorted());
        for (const { cases: own } of lists) expect(adjacent(own)).toBe(Math.max(0, 2 * mostOf(own) - own.length - 1));
      }),
      few,
    );
  });

  it("leaves what was drawn, and draws what comes late, of readers, patients and nodes, once in each condition", () => {
    fc.assert(
      fc.property(study, patients, ({ sizes, readers, conditions, seed, division }, more) => {
        const before = { readers: readers.slice(1), cases: casesOf(sizes), conditions, seed };
        const drawn = drawDesign(design, before, division);
        const lateImages = before.cases.slice(0, 2).map((each) => ({ ...each, id: `${each.id}.late` }));
        const cases = [...before.cases, ...lateImages, ...casesOf(more, "q")];
        // Readers come late at the end, so that the groups of those before stay.
        const all = [...before.readers, ...readers.slice(0, 1)];
        const late = drawDesign(design, { readers: all, cases, conditions, seed: `${seed} later`, drawn }, division);
        for (const reader of all)
          for (const condition of conditions) {
            const own = ids([...drawn, ...late].filter((l) => l.reader === reader && l.condition === condition));
            expect(new Set(own).size).toBe(own.length);
            if (design !== "split-plot") expect(own.length).toBe(cases.length);
          }
        const nothing = { readers: all, cases, conditions, seed: "again", drawn: [...drawn, ...late] };
        expect(drawDesign(design, nothing, division)).toEqual([]);
      }),
      few,
    );
  });
});

describe("sequential", () => {
  it("reads every case in a condition before any in the next, in the order that the hashes of seed and case give", () => {
    const cases = casesOf([[1], [1], [1], [1], [1], [1]]);
    const lists = drawDesign("sequential", input(cases), division);
    expect(lists.map(({ reader, condition }) => `${reader} ${condition}`)).toEqual(
      ["R1", "R2", "R3", "R4"].flatMap((reader) => [`${reader} a`, `${reader} b`]),
    );
    for (const { reader, condition, cases: own } of lists)
      expect(own.map(({ id }) => id)).toEqual(
        seededOrder(
          cases.map(({ id }) => id),
          `seed|${reader}|${condition}|1`,
        ),
      );
    expect(new Set(lists.map((list) => ids([list]).join())).size).toBe(lists.length);
  });
});

describe("crossover", () => {
  it("has as many readers begin with each condition, whoever comes late", () => {
    fc.assert(
      fc.property(study, ({ sizes, readers, conditions, seed, division }) => {
        const begins = (lists: readonly DrawnList[]) => {
          const first = new Map<string, string>();
          for (const { reader, condition } of lists) if (!first.has(reader)) first.set(reader, condition);
          return first;
        };
        const balance = (first: Map<string, string>) =>
          spread(conditions.map((condition) => [...first.values()].filter((each) => each === condition).length));
        const cases = casesOf(sizes);
        const drawn = drawDesign("crossover", { readers: readers.slice(1), cases, conditions, seed }, division);
        expect(balance(begins(drawn))).toBeLessThanOrEqual(1);
        const late = drawDesign("crossover", { readers, cases, conditions, seed, drawn }, division);
        expect(balance(begins([...drawn, ...late]))).toBeLessThanOrEqual(1);
      }),
      few,
    );
  });
});

describe("random-blocks", () => {
  it("has every block in one condition before any in another, as many begin with each, and none larger than asked for", () => {
    fc.assert(
      fc.property(study, ({ sizes, readers, conditions, seed, division }) => {
        const cases = casesOf(sizes);
        const lists = drawDesign("random-blocks", { readers, cases, conditions, seed }, division);
        for (const reader of readers) {
          const own = lists.filter((list) => list.reader === reader);
          const blocks = own.length / conditions.length;
          for (let pass = 0; pass < conditions.length; pass++) {
            const inPass = own.slice(pass * blocks, (pass + 1) * blocks);
            expect(new Set(inPass.map(({ block }) => block)).size).toBe(blocks);
            const begun = conditions.map((c) => inPass.filter(({ condition }) => condition === c).length);
            expect(spread(begun)).toBeLessThanOrEqual(1);
          }
          for (const { cases: block } of own) expect(block.length).toBeLessThanOrEqual(division.blockSize);
        }
      }),
      few,
    );
  });
});

describe("split-plot", () => {
  it("gives each group a part of its own, of like numbers of patients, and what comes late of a patient to the group that has the patient", () => {
    fc.assert(
      fc.property(study, patients, ({ sizes, readers, conditions, seed, division }, more) => {
        const cases = casesOf(sizes);
        const drawn = drawDesign("split-plot", { readers, cases, conditions, seed }, division);
        const lateImages = cases.map((each) => ({ ...each, id: `${each.id}.late` }));
        const later = { readers, cases: [...cases, ...lateImages, ...casesOf(more, "q")], conditions, seed, drawn };
        const parts = [...drawn, ...drawDesign("split-plot", later, division)];
        const had = groupsOf(readers, division.groups).map(
          (group) =>
            new Set(
              parts
                .filter(({ reader }) => group.includes(reader))
                .flatMap((list) => list.cases.map(({ patient }) => patient)),
            ),
        );
        expect(spread(had.map((part) => part.size))).toBeLessThanOrEqual(1);
        expect(had.reduce((sum, part) => sum + part.size, 0)).toBe(sizes.length + more.length);
      }),
      few,
    );
  });

  it("leaves the patients of whoever has left to the others of that group", () => {
    const given = { cases: casesOf([[2], [2], [2], [2]]), conditions: ["a"], seed: "s" };
    const drawn = splitPlot({ ...given, readers: ["R1", "R2", "R3"], groups: [["R1", "R2"], ["R3"]] });
    const own = new Set(
      drawn.flatMap(({ reader, cases }) => (reader === "R2" ? cases.map((each) => each.patient) : [])),
    );
    const late = given.cases.map((each) => ({ ...each, id: `${each.id}.late` }));
    const left = { ...given, cases: [...given.cases, ...late], readers: ["R1", "R3"], groups: [["R1"], ["R3"]], drawn };
    const more = splitPlot(left).filter(({ reader }) => reader === "R1");
    expect(more.flatMap(({ cases }) => cases.map(({ id }) => id)).toSorted()).toEqual(
      late.flatMap(({ id, patient }) => (own.has(patient) ? [id] : [])).toSorted(),
    );
    expect(own.size, "control").toBe(2);
  });
});

describe("what a design asks of readers", () => {
  const about = { perSession: 5, minutesPerRead: 1.5 };
  const effects = (design: Design) => {
    const given = input(casesOf(Array.from({ length: 4 }, () => [3])));
    return effectsOf(given, drawDesign(design, given, division), about);
  };

  it("is reads, sittings and minutes by condition, of the reader who has most", () => {
    expect(effects("sequential")).toMatchObject([
      { condition: "a", reads: { least: 12, most: 12 }, sessions: 3, minutes: 18, first: 1 },
      { condition: "b", reads: { least: 12, most: 12 }, sessions: 3, minutes: 18, first: 0 },
    ]);
    expect(effects("crossover").map(({ first }) => first)).toEqual([0.5, 0.5]);
    expect(effects("random-blocks")).toMatchObject([{ first: 0.5 }, { first: 0.5 }]);
    expect(effects("split-plot")).toMatchObject([
      { reads: { least: 6, most: 6 }, first: 1 },
      { reads: { least: 6, most: 6 }, first: 0 },
    ]);
  });

  it("says where cases stand on average over readers, the closer to the middle the more readers; of nothing drawn it says nothing", () => {
    const place = (readers: number) => {
      const given = { ...input(casesOf([[3], [3], [3], [3]])), readers: groupsOf([], 0).flat() };
      given.readers = Array.from({ length: readers }, (_, i) => `R${i}`);
      const [{ place: found } = { place: null }] = effectsOf(given, drawDesign("sequential", given, division), about);
      return (found?.last ?? 0) - (found?.first ?? 0);
    };
    expect(place(1)).toBeCloseTo(11 / 12);
    expect(place(100)).toBeLessThan(0.3);
    expect(effectsOf(input([]), [], about)[0]).toEqual({
      ...{ condition: "a", reads: { least: 0, most: 0 }, sessions: 0, minutes: 0, first: 0, place: null },
    });
  });
});

const division = { blockSize: 6, groups: 2 };
const input = (cases: DesignCase[]) => ({
  readers: ["R1", "R2", "R3", "R4"],
  cases,
  conditions: ["a", "b"],
  seed: "seed",
});
