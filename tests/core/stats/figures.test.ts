import { describe, expect, test } from "vitest";
import { seededRandom } from "@/core/random";
import { comparisonFigures, type TimedRead } from "@/core/stats/comparison/figures";
import type { ComparedRead } from "@/core/stats/comparison/opinions";
import { calibrationBand } from "@/core/stats/network/calibration-band";
import { calibrationCurve } from "@/core/stats/network/calibration-curve";

const images = Array.from({ length: 8 }, (_, i) => ({
  id: `i${i}`,
  node: `n${i}`,
  subject: `s${i}`,
  plane: "axial",
  truth: i < 4 ? (1 as const) : (0 as const),
}));
const reads = (reader: string, condition: string, calls: string): ComparedRead[] =>
  [...calls].flatMap((call, i) =>
    call === "."
      ? []
      : [{ reader, condition, occasion: 1, image: `i${i}`, call: call === "+" ? 1 : 0, confidence: null }],
  );
const figures = (of: Partial<Parameters<typeof comparisonFigures>[0]>) =>
  comparisonFigures({
    images,
    reads: [],
    timed: [],
    scores: null,
    threshold: 0.5,
    conditions: ["without", "with"],
    notEvaluable: "exclude",
    unit: "image",
    rule: "any",
    random: seededRandom(1),
    ...of,
  });

describe("what figures show beside the tables", () => {
  test("who changed a call counts the images read in both conditions, positive and negative apart", () => {
    const { reclassified } = figures({
      reads: [
        ...reads("R2", "without", "+--+-++."),
        ...reads("R2", "with", "++--+--+"),
        ...reads("R3", "with", "++++----"),
      ],
    });
    expect(reclassified).toEqual([
      { reader: "R2", first: "without", second: "with", truth: 1, n: 4, kept: 1, gained: 1, lost: 1, missed: 1 },
      { reader: "R2", first: "without", second: "with", truth: 0, n: 3, kept: 0, gained: 2, lost: 1, missed: 0 },
    ]);
  });

  test("who changed a call counts what was not evaluable as the plan does", () => {
    const some = [...reads("R2", "without", "+-------"), ...reads("R2", "with", "++--++--")].map((read) =>
      read.condition === "with" && ["i0", "i4"].includes(read.image) ? { ...read, call: null } : read,
    );
    const of = (notEvaluable: "exclude" | "incorrect") =>
      figures({ reads: some, notEvaluable }).reclassified.map(({ n, kept, gained, lost, missed }) => [
        ...[n, kept, gained, lost, missed],
      ]);
    expect(of("exclude")).toEqual([
      [3, 0, 1, 0, 2],
      [3, 2, 0, 1, 0],
    ]);
    expect(of("incorrect")).toEqual([
      [4, 0, 1, 1, 2],
      [4, 2, 0, 2, 0],
    ]);
  });

  test("a fifth of the reads counts the calls that count: by a rule, and what was not evaluable as the plan does", () => {
    const timed = Array.from({ length: 10 }, (_, i): TimedRead => {
      const about = { reader: "R2", condition: "with", truth: i % 2 === 0 ? 1 : 0, seconds: null } as const;
      return i < 4 ? { ...about, call: null } : { ...about, call: about.truth, ...(i < 6 && { judged: 0 }) };
    });
    const of = (notEvaluable: "exclude" | "positive" | "incorrect") =>
      figures({ timed, notEvaluable }).courses[0]?.parts.map(({ reads, called, right }) => [reads, called, right]);
    const given = [
      [2, 2, 1],
      [2, 2, 2],
      [2, 2, 2],
    ];
    expect(of("exclude")).toEqual([[2, 0, 0], [2, 0, 0], ...given]);
    expect(of("positive")).toEqual([[2, 2, 1], [2, 2, 1], ...given]);
    expect(of("incorrect")).toEqual([[2, 2, 0], [2, 2, 0], ...given]);
  });

  test("counted by node they are of the scores and the calls of nodes, all out of one data set", () => {
    const random = seededRandom(3);
    const planes = Array.from({ length: 180 }, (_, i) => ({
      ...{ id: `p${i}`, node: `n${Math.floor(i / 3)}`, subject: `s${Math.floor(i / 6)}`, plane: String(i % 3) },
      truth: Math.floor(i / 3) % 3 === 0 ? (1 as const) : (0 as const),
    }));
    const scores = planes.map(({ id, truth }) => ({ image: id, score: 0.6 * random() + 0.3 * truth }));
    const calls = ["without", "with"].flatMap((condition) =>
      planes.map(
        ({ id, truth }): ComparedRead => ({
          ...{ reader: "R2", condition, occasion: 1, image: id, confidence: null },
          call: random() < 0.3 + 0.3 * truth ? 1 : 0,
        }),
      ),
    );
    const nodes = planes.filter(({ plane }) => plane === "0").map((image) => ({ ...image, id: image.node }));
    const ofNode = (node: string) => planes.flatMap((image, i) => (image.node === node ? [i] : []));
    const highest = nodes.map(({ id }) => ({
      image: id,
      score: Math.max(...ofNode(id).map((i) => scores[i]?.score ?? Number.NaN)),
    }));
    const called = ["without", "with"].flatMap((condition, c) =>
      nodes.map(
        ({ id }): ComparedRead => ({
          ...{ reader: "R2", condition, occasion: 1, image: id, confidence: null },
          call: ofNode(id).some((i) => calls[c * planes.length + i]?.call === 1) ? 1 : 0,
        }),
      ),
    );
    const byNode = figures({ images: planes, reads: calls, scores, unit: "node", rule: "any" });
    expect(byNode).toEqual(figures({ images: nodes, reads: called, scores: highest }));
    const filled = byNode.network?.histogram.reduce((sum, { positive, negative }) => sum + positive + negative, 0);
    expect(filled).toBe(60);
  });

  test("the course of a reading has its quartiles, and five parts in the order of the reads", () => {
    const timed = (n: number): TimedRead[] =>
      Array.from({ length: n }, (_, i) => ({
        reader: "R2",
        condition: "with",
        truth: 1 as const,
        call: i < 5 ? (0 as const) : (1 as const),
        seconds: i === 0 ? null : i,
      }));
    expect(figures({ timed: timed(10) }).courses).toEqual([
      {
        reader: "R2",
        condition: "with",
        reads: 10,
        seconds: { n: 9, lower: 3, median: 5, upper: 7 },
        parts: [
          { reads: 2, called: 2, right: 0, median: 1 },
          { reads: 2, called: 2, right: 0, median: 2.5 },
          { reads: 2, called: 2, right: 1, median: 4.5 },
          { reads: 2, called: 2, right: 2, median: 6.5 },
          { reads: 2, called: 2, right: 2, median: 8.5 },
        ],
      },
    ]);
    expect(figures({ timed: timed(9) }).courses[0]?.parts).toEqual([]);
  });

  test("every scored image lies in one bin of its truth, 1 in the last", () => {
    const scores = [0, 0.05, 0.5, 1, 0.049, 0.95, 0.999, 0.5].map((score, i) => ({ image: `i${i}`, score }));
    const { network } = figures({ scores });
    const filled = network?.histogram.filter(({ positive, negative }) => positive + negative > 0);
    expect(filled?.map(({ from, positive, negative }) => [from, positive, negative])).toEqual([
      [0, 1, 1],
      [0.05, 1, 0],
      [0.5, 1, 1],
      [0.95, 1, 2],
    ]);
    expect(figures({ scores: scores.slice(0, 4) }).network, "of one class").toBeNull();
  });
});

describe("the band about a calibration curve", () => {
  const random = seededRandom(7);
  const probability = Array.from({ length: 400 }, (_, i) => Math.round(((i % 101) / 100) * 1e6) / 1e6);
  const truth = probability.map((p): 0 | 1 => (random() < p ? 1 : 0));
  const cluster = probability.map((_, i) => Math.floor(i / 2));
  const band = calibrationBand({ truth, probability, cluster, replicates: 200, random: seededRandom(1) });

  test("lies about the curve itself, which R's lowess gives, wherever the grid meets the data", () => {
    const curve = new Map(
      calibrationCurve({ truth, probability }).points.map((point) => [point.probability, point.observed]),
    );
    expect(band?.points).toHaveLength(21);
    for (const { probability: at, observed, lower, upper } of band?.points ?? []) {
      expect(observed).toBeCloseTo(Math.min(1, Math.max(0, curve.get(at) ?? Number.NaN)), 10);
      expect(lower).toBeLessThanOrEqual(observed);
      expect(upper).toBeGreaterThanOrEqual(observed);
    }
  });

  test("holds the diagonal of a score that means what it says, and not that of one that is too extreme", () => {
    const holds = (of: typeof band) =>
      (of?.points ?? []).filter(({ probability: at, lower, upper }) => at >= lower && at <= upper).length;
    expect(holds(band)).toBeGreaterThan(17);
    const extreme = probability.map((p) => Math.min(1, Math.max(0, 0.5 + 3 * (p - 0.5))));
    const off = calibrationBand({ truth, probability: extreme, cluster, replicates: 200, random: seededRandom(1) });
    expect(holds(off)).toBeLessThan(10);
  });

  test("is none of a score that is always the same", () => {
    expect(
      calibrationBand({ truth: [0, 1], probability: [0.5, 0.5], cluster: [1, 2], replicates: 10, random }),
    ).toBeNull();
  });
});

test("the calibration band of three patients has limits, whichever of them are drawn", () => {
  const band = calibrationBand({
    truth: [0, 1, 1],
    probability: [0.2, 0.5, 0.8],
    cluster: ["a", "b", "c"],
    replicates: 200,
    random: seededRandom(1),
  });
  expect(band?.points).toHaveLength(13);
  for (const { observed, lower, upper } of band?.points ?? []) {
    expect(lower).toBeGreaterThanOrEqual(0);
    expect(observed).toBeGreaterThanOrEqual(0);
    expect(upper).toBeLessThanOrEqual(1);
    expect(upper).toBeGreaterThan(lower);
  }
});
