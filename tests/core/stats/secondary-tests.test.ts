import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { relativePredictiveValue } from "@/core/stats/clustered/relative-predictive-value";
import { type ComparedRead, compareReaders } from "@/core/stats/comparison/compare-readers";
import { comparePredictiveValues } from "@/core/stats/paired/predictive-values";
import { expectClose } from "./close";

/** Weiner's CASS data (Leisenring et al. 2000; Moskowitz and Pepe 2006): exercise test and chest pain, 1,465 men. */
const table = {
  diseased: { both: 786, firstOnly: 29, secondOnly: 183, neither: 25 },
  nonDiseased: { both: 69, firstOnly: 46, secondOnly: 176, neither: 151 },
};
const units = Object.entries(table).flatMap(([name, { both, firstOnly, secondOnly, neither }]) => {
  const truth = name === "diseased" ? 1 : 0;
  return [
    ...new Array(both).fill([truth, 1, 1]),
    ...new Array(firstOnly).fill([truth, 1, 0]),
    ...new Array(secondOnly).fill([truth, 0, 1]),
    ...new Array(neither).fill([truth, 0, 0]),
  ] as number[][];
});
const column = (at: number) => units.map((unit) => unit[at] ?? 0);

describe("the ratio of two predictive values", () => {
  it("is Moskowitz and Pepe's where every unit is a cluster", () => {
    const unclustered = comparePredictiveValues(table);
    for (const value of ["ppv", "npv"] as const) {
      const [plain, wanted] = [unclustered[value]?.relative, value === "ppv" ? 1 : 0];
      const [truth = [], first = [], second = []] = [0, 1, 2].map(column);
      const found = relativePredictiveValue({ value, truth, first, second, cluster: units.map((_, i) => i) });
      // First over second here, second over first there.
      expectClose(found.ratio.estimate, 1 / (plain?.ratio ?? 0), { relative: 1e-12 });
      const G = units.filter((_, i) => first[i] === wanted || second[i] === wanted).length;
      expectClose(found.logStandardError, (plain?.logStandardError ?? 0) * Math.sqrt(G / (G - 1)), { relative: 1e-12 });
    }
  });

  it("does not get surer when every unit is there twice, in the cluster of itself", () => {
    const twice = [...units, ...units];
    const of = (all: number[][], cluster: number[]) =>
      relativePredictiveValue({
        value: "ppv",
        truth: all.map(([truth = 0]) => truth),
        first: all.map(([, first = 0]) => first),
        second: all.map(([, , second = 0]) => second),
        cluster,
      });
    const once = of(
      units,
      units.map((_, i) => i),
    );
    const again = of(
      twice,
      twice.map((_, i) => i % units.length),
    );
    expectClose(again.logStandardError, once.logStandardError ?? 0, { relative: 1e-12 });
    expectClose(again.p, once.p ?? 0, { relative: 1e-9 });
  });

  it("holds the true ratio in about 95 of 100 studies of patients with several images", () => {
    const random = seededRandom(Date.now() % 1e6);
    let [covered, studies] = [0, 0];
    for (let k = 0; k < 600; k++) {
      const all = Array.from({ length: 70 }, () => {
        const shift = 0.4 * (random() - 0.5);
        return Array.from({ length: 4 }, () => {
          const truth = Number(random() < 0.4);
          const call = () => Number(random() < (truth ? 0.75 : 0.3) + shift);
          return [truth, call(), call()];
        });
      });
      const images = all.flat();
      const { ratio } = relativePredictiveValue({
        value: "ppv",
        truth: images.map(([truth = 0]) => truth),
        first: images.map(([, first = 0]) => first),
        second: images.map(([, , second = 0]) => second),
        cluster: all.flatMap((own, g) => own.map(() => g)),
      });
      if (ratio.lower === null || ratio.upper === null) continue;
      studies++;
      if (ratio.lower <= 1 && ratio.upper >= 1) covered++;
    }
    expect(covered / studies).toBeGreaterThan(0.92);
    expect(covered / studies).toBeLessThan(0.98);
  });

  it("is not estimable where one of them called nothing so", () => {
    const { ratio, p } = relativePredictiveValue({
      value: "ppv",
      truth: [1, 0],
      first: [0, 0],
      second: [1, 1],
      cluster: [1, 2],
    });
    expect(ratio.estimate).toBeNull();
    expect(p).toBeNull();
  });
});

describe("pairs of readers", () => {
  const images = Array.from({ length: 200 }, (_, i) => ({
    ...{ id: String(i), node: `n${i}`, subject: `s${Math.floor(i / 2)}`, plane: "axial" },
    truth: (i % 2) as 0 | 1,
  }));
  const readsOf = (reader: string, from: number, to: number, seed: number) => {
    const random = seededRandom(seed);
    return images.slice(from, to).map(
      ({ id, truth }): ComparedRead => ({
        ...{ reader, condition: "C1", occasion: 1, image: id, confidence: 50 },
        call: random() < 0.8 ? truth : truth === 1 ? 0 : 1,
      }),
    );
  };
  const compared = (reads: ComparedRead[]) =>
    compareReaders({
      ...{ images, reads, scores: null, threshold: 0.5, conditions: ["C1"], repeats: new Map() },
      comparisons: ["reader"],
      random: seededRandom(1),
    });

  it("are tested by accuracy, the area of their points, PPV and NPV, each with its own n", () => {
    const { secondary, rows } = compared([...readsOf("R1", 0, 200, 1), ...readsOf("R2", 0, 200, 2)]);
    expect(secondary.map(({ measure, scale }) => `${measure} ${scale}`)).toEqual([
      "accuracy difference",
      "singlePointAuc difference",
      "ppv ratio",
      "npv ratio",
    ]);
    const [first, second] = rows;
    const at = (measure: string) => secondary.find((each) => each.measure === measure)?.value.estimate;
    expectClose(at("accuracy"), (first?.accuracy.estimate ?? 0) - (second?.accuracy.estimate ?? 0), {
      absolute: 1e-12,
    });
    expectClose(at("singlePointAuc"), (first?.singlePointAuc.estimate ?? 0) - (second?.singlePointAuc.estimate ?? 0), {
      absolute: 1e-12,
    });
    expectClose(at("ppv"), (first?.ppv.estimate ?? 0) / (second?.ppv.estimate ?? 1), { relative: 1e-12 });
    expectClose(at("npv"), (first?.npv.estimate ?? 0) / (second?.npv.estimate ?? 1), { relative: 1e-12 });
  });

  it("who share less than half of what one has read are compared with a caution that says so", () => {
    const few = compared([...readsOf("R1", 0, 120, 1), ...readsOf("R2", 80, 200, 2)]);
    for (const { difference } of few.comparisons) expect(JSON.stringify(difference)).toContain("stats.few_in_common");
    const many = compared([...readsOf("R1", 0, 150, 1), ...readsOf("R2", 50, 200, 2)]);
    expect(JSON.stringify(many.comparisons)).not.toContain("few_in_common");
  });
});

describe("averages over readers", () => {
  const cautious = (right: number, patients: number) => {
    const images = Array.from({ length: 4 * patients }, (_, i) => ({
      ...{ id: String(i), node: `n${i}`, subject: `s${Math.floor(i / 2)}`, plane: "axial" },
      truth: (Math.floor(i / 2) % 2) as 0 | 1,
    }));
    const random = seededRandom(9);
    const reads = ["R1", "R2"].flatMap((reader) =>
      ["C1", "C2"].flatMap((condition) =>
        images.map(
          ({ id, truth }): ComparedRead => ({
            ...{ reader, condition, occasion: 1, image: id, confidence: null },
            call: random() < right ? truth : truth === 1 ? 0 : 1,
          }),
        ),
      ),
    );
    const { averages } = compareReaders({
      ...{ images, reads, scores: null, threshold: 0.5, conditions: ["C1", "C2"], repeats: new Map() },
      comparisons: ["condition"],
      random: seededRandom(1),
    });
    return averages.map(({ fixed }) => JSON.stringify(fixed).includes("share_near_edge"));
  };

  it("near 0 or 1 carry a caution with few patients of the class, and no others do", () => {
    expect(cautious(0.99, 60)).toEqual([true, true]);
    expect(cautious(0.8, 60)).toEqual([false, false]);
    expect(cautious(0.99, 150)).toEqual([false, false]);
  });
});
