import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { type ComparedRead, compareReaders } from "@/core/stats/comparison/compare-readers";
import { averageOfReaders } from "@/core/stats/readers/average-of-readers";
import { obuchowskiRockette } from "@/core/stats/readers/obuchowski-rockette";
import type { Reads } from "@/core/stats/readers/reader-moments";
import { compareReaderAveragedAuc } from "@/core/stats/readers/u-statistics";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";

const direction = "higher" as const;

interface Drawn {
  truth: number[];
  cluster: number[];
  first: (number | null)[][];
  second: (number | null)[][];
}

/** Images in clusters that may hold both classes, read by several readers under two tests, a share of the reads missing. */
const drawn = (about: { readers: number; missing: boolean; clustered: boolean }): fc.Arbitrary<Drawn> =>
  fc
    .array(
      fc.record({
        truth: fc.constantFrom(0, 1),
        cluster: fc.nat(5),
        scores: fc.array(fc.option(fc.nat(3), { nil: null, freq: about.missing ? 3 : 1e9 }), {
          minLength: 2 * about.readers,
          maxLength: 2 * about.readers,
        }),
      }),
      { minLength: 4, maxLength: 12 },
    )
    .map((some) => {
      const scores = (i: number) => Array.from({ length: 2 * about.readers }, (_, c) => (i * (c + 1)) % 3);
      // Three clusters of each class whom everybody has read.
      const always = [0, 0, 0, 1, 1, 1].map((truth, i) => ({ truth, cluster: 10 + i, scores: scores(i) }));
      const images = [...always, ...some];
      const column = (c: number) => images.map((image) => image.scores[c] ?? null);
      const columns = Array.from({ length: about.readers }, (_, r) => r);
      return {
        truth: images.map(({ truth }) => truth),
        cluster: images.map(({ cluster }, i) => (about.clustered ? cluster : i)),
        first: columns.map((r) => column(r)),
        second: columns.map((r) => column(about.readers + r)),
      };
    });

interface Term {
  reader: number;
  clusters: number[];
  value: number;
  weight: number;
}

/** Every (reader, positive, negative) that was read, or (reader, image of a class), with what came of it. */
function termsOf(
  { truth, cluster }: Drawn,
  reads: readonly Reads[],
  measure: "auc" | "sensitivity" | "specificity",
): Term[] {
  const images = (wanted: number) => truth.flatMap((value, i) => (value === wanted ? [i] : []));
  const scoreOf = (reader: number, image: number) => reads[reader]?.[image] ?? null;
  const at = (image: number) => cluster[image] ?? -1;
  return reads.flatMap((_, reader) => {
    if (measure !== "auc") {
      const wanted = measure === "sensitivity" ? 1 : 0;
      return images(wanted).flatMap((image) => {
        const call = scoreOf(reader, image);
        return call === null ? [] : [{ reader, clusters: [at(image)], value: call === wanted ? 1 : 0, weight: 1 }];
      });
    }
    return images(1).flatMap((p) =>
      images(0).flatMap((q) => {
        const [a, b] = [scoreOf(reader, p), scoreOf(reader, q)];
        if (a === null || b === null) return [];
        return [{ reader, clusters: [at(p), at(q)], value: a > b ? 1 : a === b ? 0.5 : 0, weight: 1 }];
      }),
    );
  });
}

/** A reader weighs in both tests alike: the mean of what the reader read in either. */
function weigh(a: readonly Term[], b: readonly Term[]): [Term[], Term[]] {
  const count = (terms: readonly Term[], reader: number) => terms.filter((term) => term.reader === reader).length;
  const weighed = (terms: readonly Term[]) =>
    terms.flatMap((term) => {
      const [inA, inB] = [count(a, term.reader), count(b, term.reader)];
      return inA > 0 && inB > 0 ? [{ ...term, weight: (inA + inB) / 2 / count(terms, term.reader) }] : [];
    });
  return [weighed(a), weighed(b)];
}

const mean = (terms: readonly { value: number; weight: number }[]) =>
  terms.reduce((sum, { value, weight }) => sum + weight * value, 0) /
  terms.reduce((sum, { weight }) => sum + weight, 0);

/** Product of the means less the mean product over all pairs that share neither reader nor cluster: no bias, by counting. */
function slowCovariance(a: readonly Term[], b: readonly Term[]): number {
  const unlike = a.flatMap((x) =>
    b.flatMap((y) =>
      x.reader === y.reader || x.clusters.some((cluster) => y.clusters.includes(cluster))
        ? []
        : [{ value: x.value * y.value, weight: x.weight * y.weight }],
    ),
  );
  return mean(a) * mean(b) - mean(unlike);
}

const calls = (rows: readonly (number | null)[][]) =>
  rows.map((row) => row.map((value) => (value === null ? null : value > 1 ? 1 : 0)));

describe("an average over readers", () => {
  it("has the unbiased variance over readers and patients that counting all pairs of reads gives, whatever is missing", () => {
    fc.assert(
      fc.property(drawn({ readers: 3, missing: true, clustered: true }), (study) => {
        for (const measure of ["auc", "sensitivity", "specificity"] as const) {
          const asked =
            measure === "auc" ? study : { ...study, first: calls(study.first), second: calls(study.second) };
          const [a, b] = weigh(termsOf(study, asked.first, measure), termsOf(study, asked.second, measure));
          const slow = slowCovariance(a, a) + slowCovariance(b, b) - 2 * slowCovariance(a, b);
          const { estimate, random, fixed } = averageOfReaders({ ...asked, measure });
          expectClose(estimate, mean(a) - mean(b));
          if (!random?.limits) continue;
          const smallest = (fixed?.standardError ?? 0) ** 2;
          expectClose((random?.standardError ?? 0) ** 2, Math.max(slow, smallest), { relative: 1e-7, absolute: 1e-10 });
        }
      }),
      { numRuns: 60 },
    );
  });

  it("of readers who read everything has the fixed-reader variance of Obuchowski and Rockette", () => {
    fc.assert(
      fc.property(drawn({ readers: 3, missing: false, clustered: true }), (study) => {
        const { truth, cluster } = study;
        const [first, second] = [study.first, study.second].map((rows) => rows.map((row) => row.map(Number)));
        if (!first || !second) throw new Error("no scores");
        const areas = averageOfReaders({ truth, cluster, first, second, measure: "auc" });
        const or = obuchowskiRockette({
          truth,
          scores: [first, second],
          direction,
          metric: "auc",
          covariance: { kind: "obuchowski", cluster },
        }).fixedReadersRandomCases.differences[0];
        expectClose(areas.estimate, or?.estimate);
        expectClose(areas.fixed?.standardError, or?.standardError, { relative: 1e-6, absolute: 1e-9 });
        const [ofFirst, ofSecond] = [calls(first), calls(second)];
        const shares = averageOfReaders({ truth, cluster, first: ofFirst, second: ofSecond, measure: "specificity" });
        const ofCalls = obuchowskiRockette({
          truth,
          scores: [ofFirst.map((row) => row.map(Number)), ofSecond.map((row) => row.map(Number))],
          direction,
          metric: "specificity",
          threshold: 1,
          covariance: { kind: "cluster", cluster },
        }).fixedReadersRandomCases.differences[0];
        expectClose(shares.fixed?.standardError, ofCalls?.standardError, { relative: 1e-6, absolute: 1e-9 });
      }),
      { numRuns: 60 },
    );
  });

  it("with an image a patient is Gallas' for random readers, missing reads and all", () => {
    fc.assert(
      fc.property(drawn({ readers: 6, missing: true, clustered: false }), (uneven) => {
        // Of each reader the same images are missing in both tests: what each weighs is then Gallas' own.
        const both = (r: number, i: number) => uneven.first[r]?.[i] !== null && uneven.second[r]?.[i] !== null;
        const kept = (rows: Drawn["first"]) => rows.map((row, r) => row.map((read, i) => (both(r, i) ? read : null)));
        const study = { ...uneven, first: kept(uneven.first), second: kept(uneven.second) };
        const gallas = compareReaderAveragedAuc({ ...study, direction }).difference.unbiased;
        const { estimate, random, fixed, effectiveReaders } = averageOfReaders({ ...study, measure: "auc" });
        expectClose(estimate, gallas.area.estimate);
        if ((gallas.variance ?? 0) <= (fixed?.standardError ?? 0) ** 2 || !random?.limits) return;
        expectClose(random.standardError ** 2, gallas.variance, { relative: 1e-7, absolute: 1e-12 });
        if (Math.round(effectiveReaders) < 5) expect(random.p).toBeNull();
        else if (random.df === gallas.df) expectClose(random.p, Math.max(gallas.pStudent ?? 0, fixed?.p ?? 0));
      }),
      { numRuns: 60 },
    );
  });

  it("is never surer of readers like these than of these very readers, and tests them from five readers on", () => {
    for (const readers of [2, 4, 5, 6]) {
      fc.assert(
        fc.property(drawn({ readers, missing: true, clustered: true }), (study) => {
          const { fixed, random, effectiveReaders } = averageOfReaders({ ...study, measure: "auc" });
          if (!random?.limits || !fixed?.limits) return;
          const [lower, upper] = random.limits;
          expect(upper - lower).toBeGreaterThanOrEqual(fixed.limits[1] - fixed.limits[0] - 1e-12);
          if (readers < 5) expect(effectiveReaders).toBeLessThan(4.5);
          if (Math.round(effectiveReaders) < 5) expect(random.p).toBeNull();
          else expect(random.p).toBeGreaterThanOrEqual(fixed.p ?? 0);
        }),
        { numRuns: 30 },
      );
    }
  });
});

describe("reads that are missing", () => {
  const images = Array.from({ length: 60 }, (_, i) => ({
    id: `i${i}`,
    node: `n${i}`,
    subject: `s${Math.floor(i / 2)}`,
    plane: "axial",
    truth: (i % 3 === 0 ? 1 : 0) as 0 | 1,
  }));
  const readers = ["R2", "R3", "R4", "R5", "R6"];
  const random = seededRandom(7);
  const read = (reader: string, condition: string, i: number): ComparedRead => {
    const call = random() < (i % 3 === 0 ? 0.65 : 0.3) ? 1 : 0;
    return { reader, condition, occasion: 1, image: `i${i}`, call, confidence: Math.floor(100 * random()) };
  };
  const all = readers.flatMap((reader) =>
    ["C1", "C2"].flatMap((condition) => images.map((_, i) => read(reader, condition, i))),
  );
  const compared = (reads: readonly ComparedRead[]) =>
    compareReaders({
      images,
      reads,
      scores: null,
      threshold: 0.5,
      comparisons: ["condition", "reader", "network"],
      conditions: ["C1", "C2"],
      repeats: new Map(),
      random: () => 0.5,
    });
  const averageOf = (reads: readonly ComparedRead[], measure: "auc" | "sensitivity") =>
    compared(reads).averages.find((each) => each.measure === measure);

  it("take nothing away but themselves: one of six hundred leaves every image in, and the result where it was", () => {
    const whole = averageOf(all, "auc");
    const less = averageOf(
      all.filter(({ reader, condition, image }) => !(reader === "R2" && condition === "C1" && image === "i4")),
      "auc",
    );
    expect(whole).toMatchObject({ n: 60, reads: 600, possible: 600, complete: { n: 60 } });
    expect(less).toMatchObject({ n: 60, reads: 599, possible: 600, complete: { n: 59 } });
    expectClose(less?.fixed.difference.estimate, whole?.fixed.difference.estimate, { absolute: 0.01 });
    expectClose(less?.fixed.p, whole?.fixed.p, { absolute: 0.05 });
  });

  it("leave each average what its reads say, and the difference theirs: no mean of the readers' shares", () => {
    const less = all.filter(({ reader, condition, image }) => reader !== "R2" || condition !== "C1" || image < "i3");
    const average = averageOf(less, "sensitivity");
    const sides = ["C1", "C2"].map((condition) =>
      readers.map((reader) => {
        const reads = less.filter((each) => each.reader === reader && each.condition === condition);
        const positive = reads.filter(({ image }) => Number(image.slice(1)) % 3 === 0);
        return { n: positive.length, share: positive.filter(({ call }) => call === 1).length / positive.length };
      }),
    );
    const [first, second] = sides.map((side) => {
      const weight = (at: number) => (sides[0]?.[at]?.n ?? 0) + (sides[1]?.[at]?.n ?? 0);
      return mean(side.map(({ share }, at) => ({ value: share, weight: weight(at) })));
    });
    expectClose(average?.averages[0], first, { absolute: 1e-12 });
    expectClose(average?.averages[1], second, { absolute: 1e-12 });
    expectClose(average?.fixed.difference.estimate, (first ?? 0) - (second ?? 0), { absolute: 1e-12 });
    const unweighted = mean((sides[0] ?? []).map(({ share }) => ({ value: share, weight: 1 })));
    expect(Math.abs((first ?? 0) - unweighted)).toBeGreaterThan(1e-3);
  });

  it("stand in a table by reader, condition and truth, as do confidences that are missing", () => {
    const some = all
      .filter(({ reader, image }) => !(reader === "R3" && ["i0", "i1", "i3"].includes(image)))
      .map((each) => (each.reader === "R2" && each.image === "i6" ? { ...each, confidence: null } : each));
    const { reads, rows } = compared(some);
    expect(reads).toContainEqual({
      reader: "R3",
      condition: "C1",
      truth: 1,
      images: 20,
      read: 18,
      notEvaluable: 0,
      partly: 0,
      rated: 18,
    });
    expect(reads).toContainEqual({
      reader: "R3",
      condition: "C1",
      truth: 0,
      images: 40,
      read: 39,
      notEvaluable: 0,
      partly: 0,
      rated: 39,
    });
    expect(reads).toContainEqual({
      reader: "R2",
      condition: "C2",
      truth: 1,
      images: 20,
      read: 20,
      notEvaluable: 0,
      partly: 0,
      rated: 19,
    });
    const area = rows.find(({ reader, condition }) => reader === "R2" && condition === "C2")?.auc;
    expect(area?.estimate).toBeGreaterThan(0);
    expect(area).toMatchObject({ n: 59, caution: saying(/confidence is missing for 1 of 60 calls/) });
  });

  it("of readers with cases of their own leave an unpaired comparison", () => {
    const split = all.filter(({ reader, image }) => (Number(image.slice(1)) < 30 ? reader === "R2" : reader === "R3"));
    const { comparisons } = compared(split);
    for (const measure of ["sensitivity", "specificity", "auc"] as const) {
      const found = comparisons.find((each) => each.kind === "reader" && each.measure === measure);
      expect(found?.method, measure).toEqual(saying(/unpaired/));
      expect(found?.p, measure).toBeGreaterThan(0);
      expect(found?.difference.lower, measure).not.toBeNull();
    }
    const both = compared(all).comparisons.find((each) => each.kind === "reader" && each.measure === "auc");
    expect(both?.method).toEqual(saying(/paired areas/));
  });

  it("of conditions read by different readers leave the readers of one against those of the other", () => {
    const nested = all.filter(({ reader, condition }) => ["R2", "R3", "R4"].includes(reader) === (condition === "C1"));
    const [average] = compared(nested).averages;
    expect(average).toMatchObject({ readers, n: 20, complete: null });
    expect(average?.fixed.p).toBeGreaterThan(0);
    // Three against two: fewer than five of each.
    expect(average?.random).toMatchObject({
      p: null,
      difference: { caution: saying(/no test of readers like these/) },
    });
  });

  it("however unequal their shares, leave a result: without interval of readers like these where too little is shared", () => {
    const unequal = all.filter(
      ({ reader, image }) => reader === "R2" || (reader === "R3" && Number(image.slice(1)) < 12),
    );
    const average = averageOf(unequal, "auc");
    expect(average?.fixed.difference.lower).not.toBeNull();
    expect(average?.random).toMatchObject({
      p: null,
      difference: { lower: null, caution: saying(/too few readers or images in common/) },
    });
  });

  it("are not what a result lacks where nobody said anything else in the other condition", () => {
    const alike = all.flatMap((each) => (each.condition === "C1" ? [each, { ...each, condition: "C2" }] : []));
    const average = averageOf(alike, "auc");
    expect(average?.random?.difference).toMatchObject({
      estimate: 0,
      lower: null,
      caution: saying(/variance of the difference is 0/),
    });
  });

  it("of which a reader has more in one condition make no difference between the conditions", () => {
    // One good, one poor reader, each the same in both conditions; one stops early in one, the other in the other.
    const constant = (reader: string, condition: string, from: number, to: number) =>
      images.slice(from, to).map(({ id, truth }, i): ComparedRead => {
        const right = reader === "R2" || i % 2 === 0;
        return {
          reader,
          condition,
          occasion: 1,
          image: id,
          call: (right ? truth : 1 - truth) as 0 | 1,
          confidence: 50,
        };
      });
    const reads = [
      ...constant("R2", "C1", 0, 60),
      ...constant("R3", "C1", 0, 30),
      ...constant("R2", "C2", 0, 30),
      ...constant("R3", "C2", 0, 60),
    ];
    const found = compared(reads).averages.filter(({ measure }) => measure !== "auc");
    for (const { fixed } of found) expect(Math.abs(fixed.difference.estimate ?? 1)).toBeLessThan(0.05);
  });

  it("of one patient on one side leave nothing to compare with, and few of them few degrees of freedom", () => {
    const side = (reader: string, from: number, to: number, perPatient: number) =>
      Array.from({ length: to - from }, (_, i) => ({
        truth: 1,
        cluster: `${reader}${Math.floor(i / perPatient)}`,
        read: { reader, call: i < 4 ? 0 : 1 },
      }));
    const of = (own: ReturnType<typeof side>, other: ReturnType<typeof side>) =>
      averageOfReaders({
        truth: [...own, ...other].map(({ truth }) => truth),
        cluster: [...own, ...other].map(({ cluster }) => cluster),
        first: [[...own.map(({ read }) => read.call), ...other.map(() => null)]],
        second: [[...own.map(() => null), ...other.map(({ read }) => read.call)]],
        measure: "sensitivity",
      });
    const many = side("B", 0, 50, 1);
    expect(of(side("A", 0, 12, 12), many)).toMatchObject({ fixed: null, clusters: 1 });
    const few = of(side("A", 0, 10, 5), many);
    expect(few.clusters).toBe(2);
    expect(few.fixed?.df).toBeLessThan(4);
    expect(of(many, side("C", 0, 50, 1)).fixed?.df).toBeGreaterThan(40);
  });

  it("without a rating of one reader leave the area of the others", () => {
    const some = all.map((each) => (each.reader === "R2" ? { ...each, confidence: null } : each));
    expect(averageOf(some, "auc")).toMatchObject({ readers: ["R3", "R4", "R5", "R6"], leftOut: ["R2"] });
    expect(averageOf(some, "sensitivity")).toMatchObject({ readers, leftOut: [] });
  });

  it("leave readers like these untested below five readers, and say so", () => {
    const two = averageOf(
      all.filter(({ reader }) => ["R2", "R3"].includes(reader)),
      "sensitivity",
    );
    expect(two?.random).toMatchObject({
      p: null,
      difference: { caution: saying(/only 2 readers: no test of readers like these/) },
    });
    expect(averageOf(all, "sensitivity")?.random?.p).toBeGreaterThan(0);
  });
});
