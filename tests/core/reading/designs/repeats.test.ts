import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adjacent, keptApart, seededOrder } from "@/core/reading/designs/order";
import { fewestForRepeats, repeatsOfSeed, withRepeats } from "@/core/reading/designs/repeats";
import { sequential } from "@/core/reading/designs/sequential";
import { simulationOf, startOfSimulation } from "@/core/reading/designs/simulation";

/** Cases of nodes with two images each, in a seeded order, with repeats for which there is room. */
const drawn = fc
  .record({
    cases: fc.integer({ min: 1, max: 12 }),
    apart: fc.integer({ min: 1, max: 20 }),
    more: fc.nat(30),
    seed: fc.string(),
  })
  .map(({ more, seed, ...repeats }) => {
    const ids = Array.from({ length: fewestForRepeats(repeats) + more }, (_, at) => `c${at}`);
    const order = seededOrder(ids, seed).map((id) => ({ id, node: `n${Math.floor(Number(id.slice(1)) / 2)}` }));
    return { order: keptApart(order), seed, repeats };
  });

describe("cases that a list has twice", () => {
  it("are as many as asked for, each behind as many others as asked for, and the order of the first reads stays", () => {
    fc.assert(
      fc.property(drawn, ({ order, seed, repeats }) => {
        const list = withRepeats(order, seed, repeats);
        expect(list).toHaveLength(order.length + repeats.cases);
        const seen = new Map<string, number>();
        const first = list.filter(({ id }, at) => {
          const before = seen.get(id);
          if (before === undefined) return seen.set(id, at);
          expect(at - before - 1).toBeGreaterThanOrEqual(repeats.apart);
          // A third time is never.
          seen.set(id, Number.NaN);
          return false;
        });
        expect(first).toEqual(order);
        // Twice the same image, or two of a node, side by side would be read as one case.
        if (order.length > 8) expect(adjacent(list)).toBe(0);
        expect(withRepeats(order, seed, repeats)).toEqual(list);
      }),
      { numRuns: 200 },
    );
  });

  it("are others by another seed, and each case may be one", () => {
    const order = Array.from({ length: 40 }, (_, at) => ({ id: `c${at}`, node: `n${at}` }));
    const again = (seed: string) => {
      const list = withRepeats(order, seed, { cases: 5, apart: 10 }).map(({ id }) => id);
      return list.filter((id, at) => list.indexOf(id) < at);
    };
    expect(again("a")).not.toEqual(again("b"));
    const ever = new Set(Array.from({ length: 300 }, (_, seed) => again(String(seed))).flat());
    expect(ever.size).toBe(30);
  });

  it.each([
    ["a list with much room", 60, { cases: 10, apart: 20 }, 0.25],
    ["a list with as little as may be", 40, { cases: 10, apart: 20 }, 0.5],
  ])("stand at each place of %s alike, the last ones too", (_, length, repeats, share) => {
    const order = Array.from({ length }, (_, at) => ({ id: `c${at}`, node: `n${at}` }));
    const draws = 2_000;
    const times = new Array<number>(length).fill(0);
    for (let seed = 0; seed < draws; seed++) {
      const ids = withRepeats(order, String(seed), repeats).map(({ id }) => id);
      let last = -1;
      for (const [at, id] of ids.entries())
        if (ids.indexOf(id) === at) last++;
        else times[last] = (times[last] ?? 0) + 1;
    }
    expect(times.slice(0, repeats.apart).every((count) => count === 0)).toBe(true);
    // Five standard deviations of a proportion.
    const margin = 5 * Math.sqrt((share * (1 - share)) / draws);
    for (const [at, count] of times.slice(repeats.apart).entries())
      expect(Math.abs(count / draws - share), `behind place ${at + repeats.apart + 1}`).toBeLessThan(margin);
  });

  it("stand beside one of their node only where there is no other place", () => {
    const order = Array.from({ length: 4 }, (_, at) => ({ id: `c${at}`, node: "one" }));
    expect(withRepeats(order, "", { cases: 1, apart: 2 })).toHaveLength(5);
  });

  it("are named by the seed that they are drawn with", () => {
    expect(repeatsOfSeed("3.20.30.ab12")).toEqual({ cases: 20, apart: 30 });
    for (const seed of ["2.ab12", "1234567", "3.ab", ""]) expect(repeatsOfSeed(seed)).toBeNull();
  });
});

describe("a simulated list", () => {
  const cases = Array.from({ length: 20 }, (_, at) => ({ id: `c${at}`, node: `n${at}`, patient: `p${at}` }));
  const input = { readers: ["R1"], cases, conditions: ["a", "b"], seed: "s" };
  const repeats = new Map([["a", { cases: 4, apart: 6 }]]);

  it("has the repeats of its condition, once; what comes late has none", () => {
    const [a, b] = sequential({ ...input, repeats });
    expect([a?.cases.length, b?.cases.length]).toEqual([24, 20]);
    const late = { id: "late", node: "late", patient: "late" };
    const lists = sequential({ ...input, cases: [...cases, late], repeats, drawn: a && b ? [a, b] : [] });
    expect(lists.map((list) => list.cases)).toEqual([[late], [late]]);
  });

  it("counts them among the reads, and says how many cases a list lacks", () => {
    const plan = { design: "sequential" as const, patients: 20, readers: 1, images: 1, conditions: ["a", "b"] };
    const typed = startOfSimulation(plan);
    const one = { ...typed, values: { ...typed.values, nodes: "1" } };
    expect(simulationOf(one, plan.conditions, repeats)).toMatchObject({ reads: 44, lacking: 0 });
    const long = new Map([["a", { cases: 4, apart: 60 }]]);
    expect(simulationOf(one, plan.conditions, long)).toMatchObject({ reads: 40, lacking: 48 });
  });
});
