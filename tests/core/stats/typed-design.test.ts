import { expect, test } from "vitest";
import { answerOf, type FieldName, fields, rangeOf, type Typed, wrongFields } from "@/core/stats/design/typed-design";
import { fewestReadersForTest } from "@/core/stats/readers/average-of-readers";

const values = Object.fromEntries(Object.entries(fields).map(([name, { start }]) => [name, start])) as Typed["values"];
const typed = (change: Partial<Record<FieldName, string>> = {}, of: Partial<Typed> = {}): Typed => ({
  kind: "condition",
  measure: "auc",
  readersAre: "fixed",
  ...of,
  values: { ...values, ...change },
});

test("what stands in the fields at first has an answer in every contrast, measure and kind of readers", () => {
  for (const kind of ["condition", "network"] as const)
    for (const measure of ["auc", "sensitivity", "specificity"] as const)
      for (const readersAre of ["fixed", "random"] as const)
        expect(answerOf(typed({}, { kind, measure, readersAre })), `${kind} ${measure} ${readersAre}`).toMatchObject({
          kind: "found",
        });
});

test("the answer holds together: nodes and images follow from patients, and the curve passes through the power that was asked for", () => {
  const answer = answerOf(typed({ nodes: "2", images: "3", icc: "0.3", power: "0.9", prevalence: "0.25" }));
  if (answer.kind !== "found") throw new Error(answer.kind);
  const { patients, nodes, images, positive, designEffect, power, curve } = answer;
  expect([nodes, images, positive]).toEqual([2 * patients, 6 * patients, Math.round(1.5 * patients)]);
  expect(designEffect).toBeCloseTo(2.5, 12);
  expect(power).toBeGreaterThanOrEqual(0.9);
  for (const point of curve) expect(point.power >= 0.9, `${point.patients} patients`).toBe(point.patients >= patients);
});

test("a field without a number in its range is marked, one that is not asked for is not, and the margin may be left out", () => {
  expect(wrongFields(typed({ first: "", second: "1.2", readers: "2.5", icc: "x", sameReader: "9" }))).toEqual([
    "first",
    "second",
    "readers",
    "sameReader",
    "icc",
  ]);
  expect(wrongFields(typed({ sameReader: "9", readerSpread: "" }, { kind: "network" }))).toEqual([]);
  expect(wrongFields(typed({ margin: " " }))).toEqual([]);
  expect(wrongFields(typed({ readers: "1" }))).toEqual([]);
  for (const readers of ["1", "2", String(fewestReadersForTest - 1)])
    expect(wrongFields(typed({ readers }, { readersAre: "random" })), readers).toEqual(["readers"]);
  expect(wrongFields(typed({ readers: String(fewestReadersForTest) }, { readersAre: "random" }))).toEqual([]);
  expect(rangeOf("readers", { readersAre: "random" }), "as the message names it").toMatchObject({
    min: fewestReadersForTest,
    max: 100,
  });
  expect(rangeOf("readers", { readersAre: "fixed" })).toMatchObject({ min: 1, max: 100 });
});

test("what no study can show is said, and so are readers who differ too much", () => {
  expect(answerOf(typed({ second: "0.80" }))).toEqual({ kind: "nothing" });
  expect(answerOf(typed({ second: "0.85", margin: "0.05" }))).toEqual({ kind: "nothing" });
  expect(answerOf(typed({ second: "0.80", margin: "0.05" }))).toMatchObject({ kind: "found" });
  expect(answerOf(typed({ readerSpread: "0.3" }, { readersAre: "random" }))).toEqual({ kind: "never", readers: 5 });
});
