import { describe, expect, it } from "vitest";
import { seededRandom } from "@/core/random";
import { type ComparedRead, compareReaders } from "@/core/stats/comparison/compare-readers";
import { familiesOf, holmByFamily } from "@/core/stats/comparison/families";
import type { ComparedImage } from "@/core/stats/comparison/opinions";
import type { UnitRule } from "@/core/stats/comparison/units";
import { saying } from "@/tests/support/said";
import { expectClose } from "./close";

const random = seededRandom(20);
const truthOf = Array.from({ length: 120 }, () => (random() < 0.4 ? (1 as const) : (0 as const)));
/** Three planes a node, two nodes a patient. */
const images = Array.from({ length: 360 }, (_, i): ComparedImage => {
  const node = Math.floor(i / 3);
  return {
    ...{ id: `i${i}`, node: `n${node}`, subject: `s${Math.floor(node / 2)}`, plane: String(i % 3) },
    truth: truthOf[node] ?? 0,
  };
});
const reads = images.flatMap((image): ComparedRead[] =>
  random() < 0.1
    ? []
    : [
        {
          ...{ reader: "R2", condition: "C1", occasion: 1, image: image.id },
          call: random() < (image.truth ? 0.7 : 0.3) ? 1 : 0,
          confidence: Math.floor(101 * random()),
        },
      ],
);
const scores = images.map(({ id, truth }) => ({
  image: id,
  score: Math.round(100 * (0.6 * random() + 0.4 * truth)) / 100,
}));
const compared = (given: Partial<Parameters<typeof compareReaders>[0]>) =>
  compareReaders({
    ...{ images, reads, scores, threshold: 0.5, conditions: ["C1"], repeats: new Map(), comparisons: ["network"] },
    random: seededRandom(1),
    ...given,
  });

const middle = (values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [
    sorted[Math.floor((sorted.length - 1) / 2)] ?? 0,
    sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0,
  ];
  return (low + high) / 2;
};
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("counted by node", () => {
  it("is what images would be, one a node, with the call and the rating of the rule", () => {
    const combine: Record<UnitRule, (calls: number[], ratings: number[]) => { call: number; rating: number }> = {
      any: (calls, ratings) => ({ call: Math.max(...calls), rating: Math.max(...ratings) }),
      majority: (calls, ratings) => ({ call: Number(mean(calls) >= 0.5), rating: middle(ratings) }),
      mean: (calls, ratings) => ({ call: Number(mean(calls) >= 0.5), rating: mean(ratings) }),
    };
    for (const rule of ["any", "majority", "mean"] as const) {
      const byNode = compared({ unit: "node", rule });
      const nodes = truthOf.map((truth, i) => ({
        id: `n${i}`,
        node: `n${i}`,
        subject: `s${Math.floor(i / 2)}`,
        plane: "",
        truth,
      }));
      const nodeScores = nodes.map(({ id }) => {
        const own = scores.filter((_, i) => images[i]?.node === id).map(({ score }) => score);
        const { call, rating } = combine[rule](
          own.map((score) => Number(score >= 0.5)),
          own,
        );
        const isCalled = rule === "mean" ? rating >= 0.5 : call === 1;
        // A threshold of its own, on the side on which the rule called.
        return { image: id, score: rating, threshold: isCalled ? rating : rating + 1 };
      });
      const nodeReads = nodes.flatMap(({ id }): ComparedRead[] => {
        const own = reads.filter((read) => images.find((image) => image.id === read.image)?.node === id);
        if (own.length === 0) return [];
        const rated = own.map(
          ({ call, confidence }) => (call === 1 ? 50 : -50) + ((call === 1 ? 1 : -1) * (confidence ?? 0)) / 2,
        );
        const { call } = combine[rule](
          own.map((read) => read.call ?? 0),
          rated,
        );
        return [
          { ...{ reader: "R2", condition: "C1", occasion: 1, image: id }, call: call === 1 ? 1 : 0, confidence: null },
        ];
      });
      const alone = compared({ images: nodes, reads: nodeReads, scores: nodeScores });
      for (const [i, row] of byNode.rows.entries()) {
        const { tp, fn, tn, fp, sensitivity, specificity, accuracy } = row;
        expect(row.unit).toBe("node");
        expect({ tp, fn, tn, fp, sensitivity, specificity, accuracy }).toEqual({
          ...{ tp: alone.rows[i]?.tp, fn: alone.rows[i]?.fn, tn: alone.rows[i]?.tn, fp: alone.rows[i]?.fp },
          ...{ sensitivity: alone.rows[i]?.sensitivity, specificity: alone.rows[i]?.specificity },
          accuracy: alone.rows[i]?.accuracy,
        });
      }
      expect(byNode.rows.at(-1)?.auc).toEqual(alone.rows.at(-1)?.auc);
    }
  });

  it("counts a patient once, positive when one node is, and then nothing is clustered", () => {
    const byPatient = compared({ unit: "patient", rule: "any" });
    const positive = new Set(images.flatMap(({ subject, truth }) => (truth === 1 ? [subject] : [])));
    const [row] = byPatient.rows;
    expect(row?.n).toBe(60);
    expect((row?.tp ?? 0) + (row?.fn ?? 0)).toBe(positive.size);
    expect(byPatient.otherClusterings).toEqual([]);
    // One unit a cluster: the binomial variance times G / (G - 1).
    const cases = (row?.tp ?? 0) + (row?.fn ?? 0);
    expectClose(row?.designEffect.sensitivity, cases / (cases - 1), { relative: 1e-12 });
  });

  it("tells the design effect beside the interval of units that count as independent", () => {
    const result = compared({});
    const naive = result.otherClusterings.find(({ level }) => level === "image")?.rows[0];
    const [row] = result.rows;
    expect(row?.sensitivity.estimate).toBe(naive?.sensitivity.estimate);
    const n = (row?.tp ?? 0) + (row?.fn ?? 0);
    expectClose(naive?.designEffect.sensitivity, n / (n - 1), { relative: 1e-12 });
    expect(row?.designEffect.auc).toBeGreaterThan(0);
  });

  it("refuses a node of two patients", () => {
    const [first, ...rest] = images;
    const torn = first ? [{ ...first, subject: "another" }, ...rest] : rest;
    expect(() => compared({ images: torn, unit: "node", rule: "any" })).toThrow("of two patients");
    expect(() => compared({ images: torn })).not.toThrow();
  });
});

describe("a unit with an image that was not evaluable", () => {
  const said = (image: string, call: 0 | 1 | null, reader = "R2"): ComparedRead => ({
    ...{ reader, condition: "C1", occasion: 1, image, call, confidence: null },
  });
  const policies = ["exclude", "positive", "negative", "incorrect"] as const;

  it("is never right because of it in the worst case: 10 of 20 patients were found, and no more are", () => {
    // Of 20 sick patients one node is positive, and called so in 10; the other is negative and could not be judged. 20 are healthy: one node each was called.
    const patients = Array.from({ length: 40 }, (_, p) => ({ subject: `s${p}`, isSick: p < 20 }));
    const two = patients.flatMap(({ subject, isSick }) =>
      ["a", "b"].map((node): ComparedImage => {
        const id = `${subject}${node}`;
        return { id, node: id, subject, plane: "axial", truth: isSick && node === "a" ? 1 : 0 };
      }),
    );
    const given = patients.flatMap(({ subject, isSick }, p) => [
      said(`${subject}a`, isSick && p % 2 === 0 ? 1 : 0),
      said(`${subject}b`, isSick || p < 25 ? null : 0),
    ]);
    const counts = policies.map((notEvaluable) => {
      const of = { images: two, reads: given, scores: null, unit: "patient", rule: "any", notEvaluable } as const;
      const { rows, reads: read, notEvaluable: table } = compared(of);
      const planned = table.find((row) => row.planned);
      expect(planned?.sensitivity, "the table says what Table 2 says").toEqual(rows[0]?.sensitivity);
      expect(planned?.specificity).toEqual(rows[0]?.specificity);
      expect(table.map(({ positive, negative }) => [positive, negative])).toEqual(new Array(4).fill([20, 5]));
      expect(read.map(({ notEvaluable: wholly, partly }) => [wholly, partly])).toEqual([
        [0, 20],
        [0, 5],
      ]);
      const { tp, fn, tn, fp } = rows[0] ?? {};
      return [tp, fn, tn, fp];
    });
    expect(counts).toEqual([
      [10, 10, 20, 0],
      [20, 0, 15, 5],
      [10, 10, 20, 0],
      [10, 10, 15, 5],
    ]);
  });

  it("counts by the plan as if its images had been called so, the worst case being the worst of all ways to call them", () => {
    const random = seededRandom(8);
    const few = images.slice(12, 36);
    const given = few.map(({ id }) => said(id, random() < 0.3 ? null : random() < 0.5 ? 1 : 0));
    const open = given.flatMap(({ call, image }) => (call === null ? [image] : []));
    expect(new Set(few.map(({ subject, truth }) => `${subject} ${truth}`)).size).toBeGreaterThan(4);
    expect(open.length).toBe(7);
    const units = ["node", "patient"] as const;
    for (const unit of units)
      for (const rule of ["any", "majority", "mean"] as const) {
        const shares = (reads: readonly ComparedRead[], notEvaluable: (typeof policies)[number]) => {
          const of = { images: few, reads, scores: null, unit, rule, notEvaluable };
          const [row] = compared({ ...of, comparisons: [] }).rows;
          return [row?.sensitivity.estimate ?? Number.NaN, row?.specificity.estimate ?? Number.NaN];
        };
        const completions = Array.from({ length: 2 ** open.length }, (_, bits) =>
          shares(
            given.map((read) => {
              const at = open.indexOf(read.image);
              return at < 0 ? read : { ...read, call: (bits >> at) & 1 ? 1 : 0 };
            }),
            "exclude",
          ),
        );
        expect(shares(given, "positive")).toEqual(completions.at(-1));
        expect(shares(given, "negative")).toEqual(completions[0]);
        expect(shares(given, "incorrect"), `${unit} ${rule}`).toEqual(
          [0, 1].map((of) => Math.min(...completions.map((each) => each[of] ?? Number.NaN))),
        );
      }
  });

  it("agrees by what was called of it, however the plan counts the rest", () => {
    // Of each node one image on which the two are of opposite opinion, and one that neither could judge.
    const pairs = Array.from({ length: 60 }, (_, p) =>
      [0, 1].map((k): ComparedImage => {
        const truth = p % 2 === 0 ? 0 : 1;
        return { id: `${p}-${k}`, node: `n${p}`, subject: `s${p}`, plane: String(k), truth };
      }),
    ).flat();
    const given = ["R2", "R3"].flatMap((reader, r) =>
      pairs.map(({ id, plane }, i) => said(id, plane === "1" ? null : ((i >> 2) + r) % 2 === 0 ? 0 : 1, reader)),
    );
    for (const notEvaluable of policies) {
      const of = { images: pairs, reads: given, scores: null, unit: "node", rule: "any", notEvaluable } as const;
      expect(compared(of).agreement[0]).toMatchObject({ n: 60, observed: 0, kappa: { estimate: -1 } });
    }
  });
});

describe("units that two have seen different images of", () => {
  it("are compared out of the images that both have: by hand, one plane of three was read", () => {
    // The reader finds half of the diseased nodes on the one plane she read; the network none there, and all on the other two.
    const given = truthOf.flatMap((truth, node): ComparedRead[] => {
      const call = truth === 1 && node % 2 === 0 ? 1 : 0;
      return [{ ...{ reader: "R2", condition: "C1", occasion: 1, image: `i${3 * node}` }, call, confidence: null }];
    });
    const byPlane = images.map(({ id, plane, truth }) => ({
      image: id,
      score: truth === 1 && plane !== "0" ? 0.9 : 0.1,
    }));
    const sick = truthOf.filter((truth) => truth === 1).length;
    const found = truthOf.filter((truth, node) => truth === 1 && node % 2 === 0).length;
    for (const unit of ["image", "node"] as const) {
      const { comparisons, averages } = compared({ reads: given, scores: byPlane, unit, rule: "any" });
      for (const test of [comparisons, averages].map((tests) =>
        tests.find(({ measure }) => measure === "sensitivity"),
      )) {
        expect(test?.n, unit).toBe(sick);
        const difference = test && ("difference" in test ? test.difference : test.fixed.difference);
        expectClose(difference?.estimate, -found / sick);
      }
    }
  });

  it("give the numbers of a study of those images alone", () => {
    const random = seededRandom(31);
    const condition = { condition: "C1", occasion: 1 };
    const some = ["R2", "R3"].flatMap((reader) =>
      images.flatMap(({ id, truth }): ComparedRead[] => {
        if (random() < 0.3) return [];
        const call = random() < 0.1 ? null : random() < (truth ? 0.7 : 0.3) ? 1 : 0;
        const rating = call === null || random() < 0.1 ? null : Math.ceil(5 * random());
        return [{ ...{ reader, ...condition, image: id }, call, confidence: null, rating }];
      }),
    );
    const scored = scores.filter(() => random() < 0.8);
    const has = (reader: string, of: "call" | "rating") =>
      new Set(some.filter((read) => read.reader === reader && read[of] !== null).map(({ image }) => image));
    const ofNetwork = new Set(scored.map(({ image }) => image));
    for (const rule of ["any", "majority", "mean"] as const) {
      const of = { unit: "node", rule, comparisons: ["reader", "network"] } as const;
      const whole = compared({ ...of, reads: some, scores: scored });
      for (const [first, second] of [
        ["network", "R2"],
        ["network", "R3"],
        ["R2", "R3"],
      ] as const)
        for (const measure of ["sensitivity", "specificity", "auc"] as const) {
          const needed = measure === "auc" ? "rating" : "call";
          const [a, b] = [first, second].map((party) => (party === "network" ? ofNetwork : has(party, needed)));
          const isShared = (image: string) => (a?.has(image) && b?.has(image)) ?? false;
          const alone = compared({
            ...of,
            reads: some.filter(({ image }) => isShared(image)),
            scores: scored.filter(({ image }) => isShared(image)),
          });
          const pick = ({ comparisons }: typeof whole) =>
            comparisons.find(
              (each) => each.first.reader === first && each.second.reader === second && each.measure === measure,
            );
          const { n, difference, p } = pick(whole) ?? {};
          expect(difference?.estimate, `${rule} ${first} ${second} ${measure}`).not.toBeNull();
          expect({ n, difference, p }).toEqual({
            ...{ n: pick(alone)?.n, p: pick(alone)?.p },
            difference: pick(alone)?.difference,
          });
          if (measure !== "sensitivity") continue;
          if (first === "R2") expect(whole.agreement[0]?.kappa).toEqual(alone.agreement[0]?.kappa);
          if (first === "network") {
            const point = ({ network }: typeof whole) =>
              network?.matched.find(({ reader, keep }) => reader === second && keep === "specificity");
            expect(point(whole)?.n).toBe(point(alone)?.n);
            expect(point(whole)?.sensitivity).toEqual(point(alone)?.sensitivity);
            expect(point(whole)?.network?.threshold).toBe(point(alone)?.network?.threshold);
            expect(point(whole)?.network?.compared.estimate).toBe(point(alone)?.network?.compared.estimate);
          }
        }
    }
  });
});

describe("Holm's adjustment by family", () => {
  it("takes the kinds of a family together and no others", () => {
    const tests = [
      { kind: "reader", p: 0.02 },
      { kind: "network", p: 0.03 },
      { kind: "network", p: 0.01 },
      { kind: "condition", p: null },
    ];
    // R: p.adjust(c(.02), "holm"); p.adjust(c(.03, .01), "holm"); p.adjust(c(.02, .03, .01), "holm")
    expect(holmByFamily(tests, [["reader"], ["network", "condition"]])).toEqual([0.02, 0.03, 0.02, null]);
    expect(holmByFamily(tests, [["reader", "network", "condition"]])).toEqual([0.04, 0.04, 0.03, null]);
    expect(holmByFamily(tests, [["network"]])[0]).toBeNull();
  });

  it("tells how many tests it took together, of which kinds", () => {
    const tests = ["network", "network", "condition", "reader"].map((kind) => ({
      kind,
      p: kind === "reader" ? null : 0.1,
    }));
    expect(familiesOf(tests, [["condition"], ["reader"], ["network"]])).toEqual([
      { kinds: ["condition"], tests: 1 },
      { kinds: ["network"], tests: 2 },
    ]);
    expect(familiesOf(tests, [["reader", "network", "condition"]])).toEqual([
      { kinds: ["network", "condition"], tests: 3 },
    ]);
  });

  it("changes no estimate of a comparison", () => {
    const together = compared({ comparisons: ["network", "reader"] });
    const apart = compared({ comparisons: ["network", "reader"], families: [["network"], ["reader"]] });
    expect(apart.comparisons.map(({ pHolm: _, ...each }) => each)).toEqual(
      together.comparisons.map(({ pHolm: _, ...each }) => each),
    );
    expect(together.rows[0]?.sensitivity.method).toEqual(saying(/clustered by patient/));
  });
});
