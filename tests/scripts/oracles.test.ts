import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { compare, parseTolerance } from "@/scripts/oracles/compare";
import { runOracles } from "@/scripts/oracles/run-oracles";

const oracles = fileURLToPath(new URL("../oracles", import.meta.url));

describe("every statistic agrees with R, Python and the published values", () => {
  it.each(runOracles(oracles).map((result) => [result.file, result] as const))("%s", (_, result) => {
    expect(result.failures).toEqual([]);
    expect(result.passed).toBe(result.total);
    expect(result.total).toBeGreaterThan(4);
  });
});

describe("the oracle runner finds", () => {
  const folder = mkdtempSync(join(tmpdir(), "oracles-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  cpSync(join(oracles, "datasets", "s01_tiny6.json"), join(folder, "datasets", "s01_tiny6.json"));
  const original = JSON.parse(readFileSync(join(oracles, "roc_auc.json"), "utf8"));
  const first = original.cases[0];
  const runWith = (name: string, file: unknown) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(file));
    const results = runOracles(folder);
    rmSync(path);
    return results;
  };
  const withCase = (each: unknown) => runWith("roc_auc.json", { ...original, cases: [each] })[0];

  it("nothing in a case that is right", () => {
    expect(withCase(first)).toMatchObject({ passed: 1, total: 1, failures: [] });
  });

  it.each([
    [
      "a number that is off by more than the tolerance",
      { ...first, expected: { ...first.expected, auc: first.expected.auc + 2e-9 } },
    ],
    ["null for a number", { ...first, expected: { ...first.expected, auc: null } }],
    ["a result it does not know", { ...first, expected: { ...first.expected, volume: 1 } }],
    ["an input it does not know", { ...first, input: { ...first.input, weights: [1] } }],
    ["a field of a case it does not know", { ...first, note: "x" }],
    ["a data set that is not there", { ...first, input: { ...first.input, dataset: "s99" } }],
    ["a data set outside the folder", { ...first, input: { ...first.input, dataset: "../s01_tiny6" } }],
    ["a list that is too short", { ...first, expected: { ...first.expected, ci95_delong: [0.5] } }],
  ])("%s", (_, each) => {
    expect(withCase(each)).toMatchObject({ passed: 0, total: 1 });
  });

  it("a file it does not know, one without a tolerance, and a field of a file", () => {
    expect(runWith("volume.json", original)[0]).toMatchObject({ passed: 0, failures: [{ id: "(file)" }] });
    expect(runWith("roc_auc.json", { ...original, tolerance: "close" })[0]?.failures).toHaveLength(1);
    expect(runWith("roc_auc.json", { ...original, extra: 1 })[0]?.failures).toHaveLength(1);
    expect(runWith("roc_auc.json", { ...original, oracle: "youden" })[0]?.failures).toHaveLength(1);
    expect(runWith("roc_auc.json", { ...original, cases: [] })[0]?.failures).toHaveLength(1);
    expect(withCase({ ...first, expected: {} })).toMatchObject({ passed: 0, total: 1 });
  });
});

describe("a tolerance", () => {
  it("that would let anything pass is refused, however it is written", () => {
    expect(parseTolerance("Relative 1E-9").relative).toBe(1e-9);
    expect(() => parseTolerance("relative 1")).toThrow("lets anything pass");
    expect(() => parseTolerance("absolute 1e-9")).toThrow("no relative tolerance");
  });

  it("is read from the sentence of the file, with its exceptions by field", () => {
    expect(parseTolerance("relative 1e-9, absolute 1e-8")).toEqual({ relative: 1e-9, absolute: 1e-8, exceptions: [] });
    const fisher = parseTolerance("relative 1e-8 (fisher_or_cmle and CI 1e-5: R's uniroot tolerance)");
    expect(fisher).toEqual({
      relative: 1e-8,
      absolute: 1e-12,
      exceptions: [
        { word: "fisher_or_cmle", relative: 1e-5 },
        { word: "ci", relative: 1e-5 },
      ],
    });
    expect(compare({ p: 1, fisher_or_ci95: 1 }, { p: 1 + 1e-6, fisher_or_ci95: 1 + 1e-6 }, fisher, "")).toMatchObject([
      { path: "p" },
    ]);
  });
});
