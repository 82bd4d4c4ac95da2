import { expect } from "vitest";

/** |actual - expected| <= max(absolute, relative * |expected|); null means not estimable. */
export function expectClose(
  actual: number | null | undefined,
  expected: number | null | undefined,
  { relative = 1e-9, absolute = 1e-12, what = "" } = {},
): void {
  if (typeof expected !== "number" || typeof actual !== "number") {
    expect(actual, what).toBe(expected);
    return;
  }
  const allowed = Math.max(absolute, relative * Math.abs(expected));
  expect(Math.abs(actual - expected), `${what}: ${actual}, expected ${expected}`).toBeLessThanOrEqual(allowed);
}
