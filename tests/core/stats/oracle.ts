import { readFileSync } from "node:fs";
import { expect } from "vitest";

const folder = new URL("../../oracles/", import.meta.url);

export interface Dataset {
  truth: number[];
  scores: Record<string, number[]>;
}

/** The cases of one oracle file; the caller states the shape, which `tests/oracles/README.md` documents. */
export function readCases<Case>(name: string): Case[] {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")).cases;
}

const datasets = new Map<string, Dataset>();

export function readScored(id: string, score: string): { truth: number[]; score: number[] } {
  const dataset: Dataset = datasets.get(id) ?? JSON.parse(readFileSync(new URL(`datasets/${id}.json`, folder), "utf8"));
  datasets.set(id, dataset);
  const values = dataset.scores[score];
  if (!values) throw new Error(`dataset ${id} has no score ${score}`);
  return { truth: dataset.truth, score: values };
}

/** |actual - expected| <= max(absolute, relative * |expected|), the rule of the oracle files; null means not estimable. */
export function expectClose(
  actual: number | null | undefined,
  expected: number | null,
  { relative = 1e-9, absolute = 1e-12, what = "" } = {},
): void {
  if (expected === null || actual === null || actual === undefined) {
    expect(actual, what).toBe(expected);
    return;
  }
  const allowed = Math.max(absolute, relative * Math.abs(expected));
  expect(Math.abs(actual - expected), `${what}: ${actual}, expected ${expected}`).toBeLessThanOrEqual(allowed);
}
