import { expect, test } from "vitest";
import { compareReaders } from "@/core/stats/comparison/compare-readers";
import type { NotEvaluableRule } from "@/core/stats/comparison/opinions";

/** Eight patients with one node in two planes, the first four positive; the reader judged none of P0 and P4, a half of P1, and never saw P2. */
const images = Array.from({ length: 8 }, (_, p) =>
  ["axial", "coronal"].map((plane) => ({
    ...{ id: `P${p} ${plane}`, node: `P${p} N1`, subject: `P${p}`, plane },
    truth: p < 4 ? (1 as const) : (0 as const),
  })),
).flat();
const callOf = (id: string) => {
  if (id.startsWith("P0") || id.startsWith("P4") || id === "P1 axial") return null;
  return ["P3", "P5"].some((patient) => id.startsWith(patient)) ? (1 as const) : (0 as const);
};
const compared = (unit: "image" | "node", notEvaluable: NotEvaluableRule) =>
  compareReaders({
    images,
    reads: images
      .filter(({ subject }) => subject !== "P2")
      .map(({ id }) => ({
        reader: "R2",
        condition: "only",
        occasion: 1,
        image: id,
        call: callOf(id),
        confidence: null,
      })),
    scores: images.slice(1).map(({ id, truth }) => ({ image: id, score: truth })),
    threshold: 0.5,
    comparisons: [],
    conditions: ["only"],
    repeats: new Map(),
    random: () => 0.5,
    notEvaluable,
    unit,
  });

test("of each test positive, negative, not evaluable and missing units add up to all of their truth, whatever the plan counts", () => {
  const row = (truth: 0 | 1, [positive, negative, notEvaluable, missing]: readonly number[]) => ({
    truth,
    positive,
    negative,
    notEvaluable,
    missing,
  });
  for (const rule of ["exclude", "negative"] as const) {
    expect(compared("image", rule).flow, rule).toMatchObject([
      { reader: "R2", units: 8, ...row(1, [2, 1, 3, 2]) },
      { reader: "R2", units: 8, ...row(0, [2, 4, 2, 0]) },
      { reader: "network", units: 8, ...row(1, [7, 0, 0, 1]) },
      { reader: "network", units: 8, ...row(0, [0, 8, 0, 0]) },
    ]);
    expect(compared("node", rule).flow, rule).toMatchObject([
      { reader: "R2", units: 4, ...row(1, [1, 1, 1, 1]) },
      { reader: "R2", units: 4, ...row(0, [1, 2, 1, 0]) },
      { reader: "network", units: 4, ...row(1, [4, 0, 0, 0]) },
      { reader: "network", units: 4, ...row(0, [0, 4, 0, 0]) },
    ]);
  }
  const [counted, left] = (["incorrect", "exclude"] as const).map((rule) => compared("node", rule).rows[0]);
  expect([counted?.n, left?.n], "control: the rule changes what is counted").toEqual([7, 5]);
});
