/** Differences allowed: |got - expected| <= max(absolute, relative |expected|). */
export interface Tolerance {
  relative: number;
  absolute: number;
  /** Other relative tolerances, for fields whose path contains the word. */
  exceptions: { word: string; relative: number }[];
}

/** A relative tolerance from here on is a slip of the pen. */
const loosest = 1e-2;

/**
 * Reads the sentence of an oracle file: `relative 1e-9, absolute 1e-12`, `relative 1e-9 (ci95_tango 1e-7)`.
 * @throws Error when there is no relative tolerance in it, or one that would let anything pass
 */
export function parseTolerance(sentence: string): Tolerance {
  const inBrackets = /\(([^)]*)\)/.exec(sentence)?.[1] ?? "";
  const number = "([0-9.]+(?:e[+-]?[0-9]+)?)(?![\\w.]*[0-9])";
  const relative = new RegExp(`relative ${number}`, "i").exec(sentence)?.[1];
  const absolute = new RegExp(`absolute ${number}`, "i").exec(sentence)?.[1];
  if (relative === undefined) throw new Error(`tolerance "${sentence}" names no relative tolerance`);
  if (!(Number(relative) < loosest)) throw new Error(`tolerance "${sentence}" lets anything pass`);
  const exceptions = [...inBrackets.matchAll(new RegExp(`([A-Za-z_0-9 ]+?) ${number}`, "gi"))].flatMap(
    ([, words = "", value = relative]) =>
      words
        .split(/ and |[ ,]+/)
        .filter((word) => word.length > 1)
        .map((word) => ({ word: word.toLowerCase().replace(/s$/, ""), relative: Number(value) })),
  );
  return { relative: Number(relative), absolute: absolute === undefined ? 1e-12 : Number(absolute), exceptions };
}

export interface Mismatch {
  path: string;
  expected: unknown;
  got: unknown;
}

/** Every place where what was computed is not what the file expects. A field that is expected and was not computed is one. */
export function compare(expected: unknown, got: unknown, tolerance: Tolerance, path: string): Mismatch[] {
  if (typeof expected === "number" && typeof got === "number")
    return isClose(expected, got, tolerance, path) ? [] : [{ path, expected, got }];
  if (Array.isArray(expected) && Array.isArray(got)) {
    if (expected.length !== got.length) return [{ path: `${path}.length`, expected: expected.length, got: got.length }];
    return expected.flatMap((value, i) => compare(value, got[i], tolerance, `${path}[${i}]`));
  }
  if (isRecord(expected) && isRecord(got)) {
    return Object.entries(expected).flatMap(([key, value]) =>
      compare(
        value,
        Object.hasOwn(got, key) ? got[key] : "not a field that is known",
        tolerance,
        path ? `${path}.${key}` : key,
      ),
    );
  }
  return Object.is(expected, got) ? [] : [{ path, expected, got }];
}

function isClose(expected: number, got: number, tolerance: Tolerance, path: string): boolean {
  const exception = tolerance.exceptions.find(({ word }) => path.toLowerCase().includes(word));
  const relative = exception?.relative ?? tolerance.relative;
  return Math.abs(got - expected) <= Math.max(tolerance.absolute, relative * Math.abs(expected));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
