import { describe, expect, test } from "vitest";
import { type Regimen, type SplitUnit, splitUnit } from "@/core/protocol/regimen";
import { sweepOutcome } from "@/scripts/cli/commands/sweep";
import { markOf } from "@/scripts/cli/mark";
import type { Run } from "@/server/schemas/model";
import { toCsv } from "@/server/tables/to-csv";
import { fineTuning } from "@/tests/support/model-runs";

const leakage = { unit: "image", heldOut: 18, sameSubject: 16, sameNode: 16, duplicate: 0, nearDuplicate: 2 } as const;
const split = (unit: SplitUnit) => ({ config: { ...fineTuning, splitUnit: unit }, leakage: null, lookAlikes: [] });
const elsewhere: Regimen = {
  trainable: "elsewhere",
  folds: 2,
  splitUnit: "patient",
  threshold: 0.5,
  seed: 1,
  shuffledLabels: false,
  provenance: "A network of somebody else",
  sourceFile: "scores.csv",
  sourceSha256: "c".repeat(64),
};

describe("the numbers that a command shows of a run", () => {
  test("by image say that they leak in words, in JSON and in a column of the CSV", () => {
    const { words, json, column } = markOf({ ...split("image"), leakage });
    const caution =
      "split by image, as published: leaks; 16 of 18 held-out images have an image of the same patient in training";
    expect(words).toEqual([`The network: ${caution}.`]);
    expect(json).toEqual({ splitUnit: "image", leaks: true, cautions: [caution] });
    expect(toCsv([{ score: 0.5, ...column }])).toBe(`\uFEFFscore,caution\n0.5,"${caution}"\n`);
  });

  test("by patient have no caution and no column for one", () => {
    const { words, json, column } = markOf(split("patient"));
    expect(words).toEqual([]);
    expect(json).toEqual({ splitUnit: "patient", leaks: false, cautions: [] });
    expect(toCsv([{ score: 0.5, ...column }])).toBe("\uFEFFscore\n0.5\n");
  });

  test("of a model trained elsewhere name no split, because there was none here", () => {
    const { words, json } = markOf({ config: elsewhere, leakage: null, lookAlikes: [] });
    expect(words).toEqual([expect.stringContaining("trained elsewhere")]);
    expect(json).toMatchObject({ splitUnit: null, leaks: null });
  });

  test.each(splitUnit.options)("in a sweep by %s are marked as those of its runs are", (unit) => {
    const run = { ...split(unit), state: "done" } as unknown as Run;
    const { json, text } = sweepOutcome("a-study", {
      id: "00000000-0000-4000-8000-000000000000",
      createdAt: new Date(0),
      createdBy: "Somebody",
      snapshotSha256: "d".repeat(64),
      depths: [{ run, result: null, tuningAuc: 0.7 }],
      nested: null,
      nestedReason: { key: "model.reason.no_runs" },
      pending: null,
    });
    const leaks = unit !== "patient";
    expect(json).toMatchObject({ study: "a-study", splitUnit: unit, leaks });
    expect(text.filter((line) => /leaks/.test(line))).toHaveLength(leaks ? 1 : 0);
    expect(text).toContain("3 frozen: AUC none, on the tuning part 0.700");
  });
});
