import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { cohenKappa } from "@/core/stats/agreement/kappa";
import { type ComparedRead, compareReaders as compareWith, network } from "@/core/stats/comparison/compare-readers";
import { compareNetworks, type ScoredImage } from "@/core/stats/comparison/networks";
import { studentQuantile, studentTwoSidedP } from "@/core/stats/distributions";
import type { Estimate } from "@/core/stats/types";
import { type Said, sayIn } from "@/core/words";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";
import { refusalOf } from "./refusal";

type Options = Parameters<typeof compareWith>[0];
type Given = "comparisons" | "repeats" | "conditions";
const families = ["condition", "reader", "network"] as const;
const compareReaders = (options: Omit<Options, "random" | Given> & Partial<Pick<Options, Given>>) =>
  compareWith({ comparisons: families, conditions: [], repeats: new Map(), ...options, random: seededRandom(1) });
const image = (id: string, truth: 0 | 1) => ({ id, node: `n${id}`, subject: `s${id}`, plane: "axial", truth });
/** Every method that a result names, however deep. */
const methodsIn = (value: unknown): Said[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => (name === "method" ? [inner] : methodsIn(inner)));
const asCall = (value: number | undefined): 0 | 1 => (value === 1 ? 1 : 0);

describe("on the reconstruction of the founding study (644 images)", () => {
  const dataset: { truth: number[]; scores: Record<string, number[]>; cluster: { patient: string[] } } = JSON.parse(
    readFileSync(new URL("../../oracles/datasets/s11_paper_reconstruction.json", import.meta.url), "utf8"),
  );
  const images = dataset.truth.map((truth, i) => ({
    ...image(String(i), asCall(truth)),
    subject: String(dataset.cluster.patient[i]),
  }));
  const reads = ["R3", "R2"].flatMap((reader) =>
    ["C2", "C1"].flatMap((condition) =>
      (dataset.scores[`${reader}_${condition}`] ?? []).map((call, i): ComparedRead => {
        return { reader, condition, occasion: 1, image: String(i), call: asCall(call), confidence: null };
      }),
    ),
  );
  const scores = (dataset.scores.network ?? []).map((score, i) => ({ image: String(i), score }));
  const result = compareReaders({ images, reads, scores, threshold: 0.5 });

  it("gives the counts behind the published table, reader by reader, and the network last", () => {
    const counts = result.rows.map(({ reader, condition, tp, fn, tn, fp }) => [reader, condition, tp, fn, tn, fp]);
    expect(counts.slice(0, 4)).toEqual([
      ["R2", "C1", 174, 144, 231, 95],
      ["R2", "C2", 217, 101, 197, 129],
      ["R3", "C1", 222, 96, 209, 117],
      ["R3", "C2", 230, 88, 200, 126],
    ]);
    expect(result.rows.map(({ reader }) => reader)).toEqual(["R2", "R2", "R3", "R3", network]);
    expect(result.rows.every(({ n, unit }) => n === 644 && unit === "image")).toBe(true);
  });

  it("agrees with the oracles on kappa, and on the paired difference between the readers", () => {
    expectClose(result.agreement.find(({ condition }) => condition === "C1")?.kappa.estimate, 0.359602237414543, {
      relative: 1e-8,
    });
    const sensitivity = result.comparisons.find(
      ({ kind, condition, measure }) => kind === "reader" && condition === "C1" && measure === "sensitivity",
    );
    // clustered_proportions.json, s11_paper_reconstruction.R2_C1.R3_C1.sensitivity.patient
    expectClose(sensitivity?.difference.estimate, -0.150943396226415);
    // Its standard error, with t on 76 - 1 patients instead of 1.96.
    expectClose(sensitivity?.difference.lower, -0.150943396226415 - studentQuantile(0.975, 75) * 0.0275061100027412);
    // P is of the same test as the interval.
    expectClose(sensitivity?.p, studentTwoSidedP(0.150943396226415 / 0.0275061100027412, 75), { relative: 1e-9 });
    expect(sensitivity?.n).toBe(318);
    // The same file, R2_C1.sensitivity.patient: the Wilson interval of 183 effective images instead of 318.
    expectClose(result.rows[0]?.sensitivity.lower, 0.474852336587363);
    expectClose(result.rows[0]?.sensitivity.upper, 0.617549407061708);
  });

  it("draws a binary read as a point and never gives it the area of a curve", () => {
    for (const row of result.rows.slice(0, 4)) {
      expect(row.auc).toMatchObject({ estimate: null, reason: saying("binary read: one operating point") });
      expect(row.singlePointAuc.method).toEqual(saying(/single-point/));
    }
    expectClose(result.rows[0]?.singlePointAuc.estimate, 0.627879384187985);
    expect(result.roc.map(({ curve }) => curve.length > 0)).toEqual([false, false, false, false, true]);
    expect(result.roc.map(({ band }) => band !== null)).toEqual([false, false, false, false, true]);
    for (const [i, { point }] of result.roc.entries()) {
      const row = result.rows[i];
      expect(point.tpr).toEqual(row?.sensitivity);
      expectClose(1 - (point.fpr.estimate ?? 0), row?.specificity.estimate);
      expectClose(1 - (point.fpr.lower ?? 0), row?.specificity.upper);
    }
    expect(result.rows[4]?.auc.estimate).toBeGreaterThan(0.9);
    expect(result.comparisons.some(({ measure }) => measure === "auc")).toBe(false);
  });

  it("compares conditions, readers, and the network with each read, on sensitivity and specificity", () => {
    const kinds = result.comparisons.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "condition")).toHaveLength(4);
    expect(kinds.filter((kind) => kind === "reader")).toHaveLength(4);
    expect(kinds.filter((kind) => kind === "network")).toHaveLength(8);
  });

  it("adjusts every P value, upwards, and says that intervals are clustered", () => {
    for (const { p, pHolm, method } of result.comparisons) {
      expect(pHolm ?? 0).toBeGreaterThanOrEqual(p ?? 1);
      expect(method).toEqual(saying(/clustered by patient$/));
    }
  });

  it("names every method in the reader's language", () => {
    const methods = methodsIn(result);
    expect(methods.length).toBeGreaterThan(100);
    for (const method of methods) expect(sayIn("zh")(method)).toMatch(/\p{Script=Han}/u);
  });

  it("makes and adjusts only the families that are asked for, and gives every figure of the parties all the same", () => {
    const some = compareReaders({ comparisons: ["network"], images, reads, scores, threshold: 0.5 });
    const ofNetwork = result.comparisons.filter(({ kind }) => kind === "network");
    const without = <T extends { pHolm: number | null }>(all: readonly T[]) =>
      all.map((each) => ({ ...each, pHolm: 0 }));
    expect(without(some.comparisons)).toEqual(without(ofNetwork));
    expect(ofNetwork.length).toBeLessThan(result.comparisons.length);
    expect(new Set(some.averages.map(({ kind }) => kind))).toEqual(new Set(["network"]));
    expect(some.rows).toEqual(result.rows);
    const none = compareReaders({ comparisons: [], images, reads, scores, threshold: 0.5 });
    expect([none.comparisons, none.averages]).toEqual([[], []]);
  });

  it("is the same JSON whatever the order of the reads, without NaN or infinity", () => {
    const again = compareReaders({ images, reads: [...reads].reverse(), scores, threshold: 0.5 });
    expect(again).toEqual(result);
    const numbers = JSON.stringify(result, (_, value) =>
      typeof value === "number" && !Number.isFinite(value) ? "not a number" : value,
    );
    expect(numbers).not.toContain("not a number");
  });
});

describe("on few images", () => {
  const images = [image("a", 1), image("b", 1), image("c", 0), image("d", 0)];
  const read = (reader: string, id: string, call: 0 | 1, confidence: number | null = null): ComparedRead => {
    return { reader, condition: "C1", occasion: 1, image: id, call, confidence };
  };

  it("takes a condition that repeats another for the agreement of a reader with herself, and for nothing else", () => {
    const once = [read("R2", "a", 1), read("R2", "b", 0), read("R2", "c", 0), read("R2", "d", 1)];
    const again = [read("R2", "a", 1), read("R2", "b", 1), read("R2", "c", 0), read("R3", "a", 1)].map((each) => ({
      ...each,
      condition: "C1 again",
      occasion: 2,
    }));
    const repeats = new Map([["C1 again", "C1"]]);
    const { agreement, ...rest } = compareReaders({
      images,
      reads: [...once, ...again],
      repeats,
      scores: null,
      threshold: 0.5,
    });
    expect(agreement).toMatchObject([
      {
        readers: ["R2", "R2"],
        condition: "C1 again",
        n: 3,
        table: [
          [1, 0],
          [1, 1],
        ],
        // (2/3 - 4/9) / (1 - 4/9)
        kappa: { estimate: expect.closeTo(0.4, 12) },
      },
    ]);
    const { agreement: none, ...alone } = compareReaders({ images, reads: once, scores: null, threshold: 0.5 });
    expect(none).toEqual([]);
    expect(rest).toEqual(alone);

    // The occasion of the reads decides: where nothing says what they repeat, they count for nothing at all.
    const unpaired = compareReaders({ images, reads: [...once, ...again], scores: null, threshold: 0.5 });
    expect(unpaired).toEqual({ ...alone, agreement: [] });
  });

  it("takes hidden repeats for the agreement of a reader with herself, and for nothing else, also in a condition that repeats another", () => {
    const once = [read("R2", "a", 1), read("R2", "b", 0), read("R2", "c", 0), read("R2", "d", 1)];
    const later = once.map((each) => ({ ...each, condition: "C1 again", occasion: 2 }));
    const hidden = [read("R2", "a", 1), read("R2", "b", 1), read("R2", "c", 0)].map((each) => ({
      ...each,
      occasion: 2,
    }));
    const hiddenLater = [{ ...read("R2", "d", 0), condition: "C1 again", occasion: 3 }];
    const repeats = new Map([["C1 again", "C1"]]);
    const compared = (reads: ComparedRead[]) =>
      compareReaders({ images, reads, repeats, scores: null, threshold: 0.5 });
    const { agreement, ...rest } = compared([...once, ...later, ...hidden, ...hiddenLater]);
    expect(agreement.map(({ kind, condition, n }) => [kind, condition, n])).toEqual([
      ["repeats", "C1", 3],
      ["conditions", "C1 again", 4],
      ["repeats", "C1 again", 1],
    ]);
    expect(agreement[0]).toMatchObject({ readers: ["R2", "R2"], kappa: { estimate: expect.closeTo(0.4, 12) } });
    const { agreement: without, ...alone } = compared([...once, ...later]);
    expect(rest).toEqual(alone);
    expect(without).toEqual([agreement[1]]);
  });

  it("finds for hidden repeats the kappa that R finds for their table, with an interval by patients like R's by images", () => {
    const oracle = JSON.parse(readFileSync(new URL("../../oracles/cohen_kappa.json", import.meta.url), "utf8"));
    const { input, expected } = oracle.cases.find(({ id }: { id: string }) => id === "paper_C1_best");
    const cells: [first: 0 | 1, again: 0 | 1, count: number][] = [
      [1, 1, input.table[1][1]],
      [1, 0, input.table[1][0]],
      [0, 1, input.table[0][1]],
      [0, 0, input.table[0][0]],
    ];
    const pairs = cells.flatMap(([first, again, count]) => Array.from({ length: count }, () => ({ first, again })));
    const { agreement } = compareReaders({
      images: pairs.map((_, at) => image(String(at), at % 2 === 0 ? 1 : 0)),
      reads: pairs.flatMap(({ first, again }, at) => [
        read("R2", String(at), first),
        { ...read("R2", String(at), again), occasion: 2 },
      ]),
      ...{ scores: null, threshold: 0.5 },
    });
    const [own] = agreement;
    expect(own).toMatchObject({ kind: "repeats", n: expected.n });
    expectClose(own?.observed, expected.unweighted.po, { relative: 1e-9 });
    expectClose(own?.kappa.estimate, expected.unweighted.kappa, { relative: 1e-8 });
    expect(own?.kappa.lower).toBeCloseTo(expected.unweighted.ci95[0], 2);
    expect(own?.kappa.upper).toBeCloseTo(expected.unweighted.ci95[1], 2);
  });

  it("compares readers on the images both have read, and says how many", () => {
    const reads = [read("R2", "a", 1), read("R2", "c", 0), read("R2", "d", 1), read("R3", "c", 1), read("R3", "d", 1)];
    const { agreement, comparisons, rows } = compareReaders({ images, reads, scores: null, threshold: 0.5 });
    expect(rows.map(({ n }) => n)).toEqual([3, 2]);
    expect(agreement[0]).toMatchObject({
      readers: ["R2", "R3"],
      n: 2,
      table: [
        [1, 0],
        [1, 0],
      ],
      observed: 0.5,
    });
    expect(comparisons.find(({ measure }) => measure === "specificity")).toMatchObject({
      n: 2,
      difference: { estimate: 0.5 },
    });
    expect(comparisons.find(({ measure }) => measure === "sensitivity")).toMatchObject({
      n: 0,
      p: null,
      pHolm: null,
      difference: { estimate: null },
    });
  });

  it("turns call and confidence into a rating, and compares areas where both have ratings", () => {
    const reads = [
      read("R2", "a", 1, 90),
      read("R2", "b", 0, 10),
      read("R2", "c", 0, 80),
      read("R2", "d", 1, 20),
      ...images.map(({ id, truth }) => read("R3", id, truth)),
    ];
    const scores = images.map(({ id, truth }) => ({ image: id, score: truth }));
    const { rows, comparisons } = compareReaders({ images, reads, scores, threshold: 0.5 });
    // Ratings 95, 45, 10, 60: three of the four pairs of a positive and a negative image are in order.
    expect(rows.find(({ reader }) => reader === "R2")?.auc.estimate).toBe(0.75);
    const areas = comparisons.filter(({ measure }) => measure === "auc");
    expect(areas).toMatchObject([{ first: { reader: network }, second: { reader: "R2" }, n: 4 }]);
    expect(areas[0]?.difference.estimate).toBe(0.25);
  });

  it("has the area of the images with a confidence, and says how many have none", () => {
    const reads = images.map(({ id, truth }) => read("R2", id, truth, id === "a" ? null : 50));
    const [row] = compareReaders({ images, reads, scores: null, threshold: 0.5 }).rows;
    expect(row?.auc).toMatchObject({ estimate: 1, n: 3, caution: saying(/confidence is missing for 1 of 4 calls/) });
    const unrated = images.map(({ id, truth }) => read("R2", id, truth));
    const [other] = compareReaders({ images, reads: unrated, scores: null, threshold: 0.5 }).rows;
    expect(other?.auc).toMatchObject({ estimate: null, reason: saying(/one operating point/) });
  });

  it("calls an image of the network positive from the threshold on, and leaves the network out without scores", () => {
    const scores = images.map(({ id }) => ({ image: id, score: 0.5 }));
    expect(compareReaders({ images, reads: [], scores, threshold: 0.5 }).rows).toMatchObject([{ tp: 2, fp: 2 }]);
    expect(compareReaders({ images, reads: [], scores, threshold: 0.6 }).rows).toMatchObject([{ fn: 2, tn: 2 }]);
    expect(compareReaders({ images, reads: [], scores: [], threshold: 0.5 }).rows).toEqual([]);
  });

  it("refuses unknown images and second reads, by name", () => {
    const reads = [read("R2", "a", 1), read("R2", "a", 0)];
    expect(() => compareReaders({ images, reads, scores: null, threshold: 0.5 })).toThrow(
      "Image a appears twice for R2",
    );
    expect(() => compareReaders({ images, reads: [read("R2", "x", 1)], scores: null, threshold: 0.5 })).toThrow(
      "Image x of R2 in C1",
    );
    expect(() => compareReaders({ images, reads: [read("R2", "a", 1, 101)], scores: null, threshold: 0.5 })).toThrow(
      "it must be 0 to 100",
    );
  });

  it("names R2 before R10, and conditions in the order of the protocol", () => {
    const reads = ["R10", "R2"].flatMap((reader) =>
      ["A", "B"].flatMap((condition) => images.map(({ id, truth }) => ({ ...read(reader, id, truth), condition }))),
    );
    const { rows, averages } = compareReaders({ images, reads, scores: null, threshold: 0.5, conditions: ["B", "A"] });
    expect(rows.map(({ reader, condition }) => `${reader} ${condition}`)).toEqual(["R2 B", "R2 A", "R10 B", "R10 A"]);
    expect(averages[0]).toMatchObject({ first: "B", second: "A", readers: ["R2", "R10"] });
  });

  it("gives the kappa of the table it shows", () => {
    const reads = images.flatMap(({ id, truth }) => [read("R2", id, truth), read("R3", id, id === "a" ? 0 : truth)]);
    const [agreement] = compareReaders({ images, reads, scores: null, threshold: 0.5 }).agreement;
    const table = agreement?.table ?? [];
    const kappa = cohenKappa({ table, weights: "unweighted", tail: "two-sided" }).kappa.estimate;
    expect(agreement?.kappa.estimate).toBe(kappa);
  });
});

describe("on twelve images, a patient each", () => {
  const images = Array.from({ length: 12 }, (_, i) => image(String(i), i % 2 === 0 ? 1 : 0));
  const readsOf = (reader: string, calls: string, confidence: (i: number) => number, from = 0): ComparedRead[] =>
    [...calls].map((call, at) => {
      const i = from + at;
      return {
        ...{ reader, condition: "C1", occasion: 1, image: String(i) },
        ...{ call: call === "1" ? 1 : 0, confidence: confidence(i) },
      };
    });
  const scores = images.map(({ id, truth }, i) => ({ image: id, score: ((7 * i) % 12) / 20 + truth / 5 }));

  it("draws the curve of a reader's ratings, under which lies the area of the table, and the same band for the same seed", () => {
    // R2 is as sure of one half of the images as of the other: ratings with ties. R3 has read ten, and rated nine.
    const reads = [
      ...readsOf("R2", "100011101011", (i) => 40 + 10 * (i % 3)),
      ...readsOf("R3", "1100100110", (i) => 50 + 3 * i, 2).map((each, i) =>
        i === 4 ? { ...each, confidence: null } : each,
      ),
    ];
    const { roc, rows } = compareReaders({ images, reads, scores, threshold: 0.5 });
    expect(roc.map(({ reader }) => reader)).toEqual(["R2", "R3", network]);
    for (const [i, { curve }] of roc.entries()) {
      const area = curve.reduce((sum, { fpr, tpr }, at) => {
        const before = curve[at - 1] ?? { fpr: 0, tpr: 0 };
        return sum + ((fpr - before.fpr) * (tpr + before.tpr)) / 2;
      }, 0);
      expectClose(area, rows[i]?.auc.estimate);
      expect(curve.at(-1)).toMatchObject({ fpr: 1, tpr: 1 });
    }
    const again = compareReaders({ images, reads, scores, threshold: 0.5 }).roc;
    expect(again[2]?.band?.points).toHaveLength(101);
    expect(again).toEqual(roc);
  });

  it("no interval leaves the range of its quantity, however little is known", () => {
    const reads = [
      ...readsOf("R2", "1000111010", (i) => 40 + 4 * i),
      ...readsOf("R3", "1100100110", (i) => 50 + 3 * i, 2),
    ];
    const result = compareReaders({ images, reads, scores, threshold: 0.5 });
    // Both read eight images and agree on two: observed 1/4, by chance 1/2.
    expectClose(result.agreement[0]?.kappa.estimate, -0.5);
    const kept = (estimates: readonly Estimate[], [least, most]: readonly [number, number]) => {
      const known = estimates.filter(({ lower, upper }) => lower !== null && upper !== null);
      expect(known.length).toBeGreaterThan(0);
      for (const { estimate, lower, upper } of known) {
        expect(lower).toBeGreaterThanOrEqual(least);
        expect(upper).toBeLessThanOrEqual(most);
        expect(lower ?? 0).toBeLessThanOrEqual(estimate ?? 0);
        expect(upper ?? 0).toBeGreaterThanOrEqual(estimate ?? 0);
      }
    };
    kept(
      result.agreement.map(({ kappa }) => kappa),
      [-1, 1],
    );
    kept(
      result.comparisons.map(({ difference }) => difference),
      [-1, 1],
    );
    kept(
      result.averages.flatMap(({ fixed, random, complete }) =>
        [fixed, random, complete?.fixed].flatMap((test) => test?.difference ?? []),
      ),
      [-1, 1],
    );
    kept(
      result.rows.flatMap((row) => [row.sensitivity, row.specificity, row.accuracy, row.auc, row.singlePointAuc]),
      [0, 1],
    );
  });

  it("no interval is without width: an area of 1 and that of a constant reader have none, and say why", () => {
    const reads = [...readsOf("R2", "101010101010", () => 90), ...readsOf("R3", "111111111111", () => 70)];
    const { rows } = compareReaders({ images, reads, scores: null, threshold: 0.5 });
    for (const { auc, singlePointAuc } of rows)
      for (const area of [auc, singlePointAuc])
        expect(area).toMatchObject({
          lower: null,
          upper: null,
          caution: saying(/variance is 0: there is no interval/),
        });
    expect(rows.map(({ auc }) => auc.estimate)).toEqual([1, 0.5]);
    // Control: 6 of 6 has a bound, by Wilson.
    expectClose(rows[0]?.sensitivity.lower, 0.609664, { absolute: 1e-5 });
    expect(rows[0]?.sensitivity.upper).toBe(1);
  });
});

describe("one network against another", () => {
  const random = seededRandom(4);
  const scores = (skill: number): ScoredImage[] =>
    Array.from({ length: 60 }, (_, i) => ({
      ...image(String(i), i % 3 === 0 ? 1 : 0),
      subject: `s${Math.floor(i / 2)}`,
      score: random() + (i % 3 === 0 ? skill : 0),
      threshold: 0.5,
    }));
  const [first, second] = [scores(0.6), scores(0.1)];

  it("gives the opposite difference, interval and all, and the same P when the two change places", () => {
    const [there, back] = [compareNetworks(first, second), compareNetworks(second, first)];
    expect(there.difference.estimate).toBeGreaterThan(0);
    expectClose(back.difference.estimate, -(there.difference.estimate ?? Number.NaN));
    expectClose(back.difference.lower, -(there.difference.upper ?? Number.NaN));
    expectClose(back.difference.upper, -(there.difference.lower ?? Number.NaN));
    expectClose(back.p, there.p ?? Number.NaN);
    expect(back.n).toBe(there.n);
  });

  it("is refused where an image has another truth in each, in either order, and given where they agree or do not meet", () => {
    const exchanged = second.map((each) => (each.id === "7" ? { ...each, truth: 1 as const } : each));
    for (const pair of [
      [first, exchanged],
      [exchanged, first],
    ] as const)
      expect(refusalOf(() => compareNetworks(...pair))).toEqual({ code: "truths_differ", index: 7 });
    expect(compareNetworks(first, second).n).toBe(60);
    const elsewhere = exchanged.map((each) => (each.id === "7" ? { ...each, id: "another" } : each));
    expect(compareNetworks(first, elsewhere).n).toBe(59);
  });
});
