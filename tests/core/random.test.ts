import { describe, expect, it } from "vitest";
import { normal, seededRandom, seedOf, shuffled } from "@/core/random";

describe("seeded random numbers", () => {
  it("are those of mulberry32, the same on every machine", () => {
    const random = seededRandom(1);
    const draws = [random(), random(), random()];
    expect(draws).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
    expect(seededRandom(2)()).not.toBe(draws[0]);
  });

  it("are even, and the normal ones have mean 0 and variance 1", () => {
    const random = seededRandom(7);
    const even = Array.from({ length: 20_000 }, random);
    expect(even.reduce((sum, value) => sum + value, 0) / even.length).toBeCloseTo(0.5, 1);
    const values = Array.from({ length: 20_000 }, () => normal(random));
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0, 1);
    expect(values.reduce((sum, value) => sum + value ** 2, 0) / values.length).toBeCloseTo(1, 1);
  });
});

describe("a shuffle", () => {
  it("keeps every item and the original, and repeats with its seed only", () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const once = shuffled(items, 3);
    expect([...once].sort((a, b) => a - b)).toEqual(items);
    expect(once).toEqual(shuffled(items, 3));
    expect(once).not.toEqual(shuffled(items, 4));
    expect(items[0]).toBe(0);
  });

  it("puts every item first about equally often", () => {
    const firsts = [0, 0, 0, 0];
    for (let seed = 0; seed < 4_000; seed++) {
      const first = shuffled([0, 1, 2, 3], seed)[0] ?? 0;
      firsts[first] = (firsts[first] ?? 0) + 1;
    }
    for (const count of firsts) expect(Math.abs(count - 1_000)).toBeLessThan(120);
  });
});

describe("a seed out of a text", () => {
  it("differs with every part", () => {
    expect(seedOf(1, "axial")).toBe(seedOf(1, "axial"));
    expect(seedOf(1, "axial")).not.toBe(seedOf(1, "coronal"));
    expect(seedOf(1, "axial")).not.toBe(seedOf(2, "axial"));
  });
});
